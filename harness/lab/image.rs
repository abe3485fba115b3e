//! `lab image`: the virtual machines' images.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Subcommand;
use harness::{
    Progress,
    lab::Event,
    provider::{Image, NetworkCard, Release, VagrantBox},
};
use serde::Serialize;

use crate::{
    format::{Format, print_json},
    help,
    print_line::print_line,
};

#[derive(Subcommand)]
pub enum Command {
    /// Build an image with mmdebstrap. One that is there already is left as it is.
    #[command(after_long_help = help::IMAGE_BUILD)]
    Build {
        /// The distribution's release: bullseye, bookworm, bookworm-backports, trixie, sid, jammy or noble.
        #[arg(long, env = "LAB_IMAGE", default_value = "bookworm")]
        release: Release,
        /// The network card on the LAN that the kernel needs a driver for: virtio-net, or e1000, which pads.
        #[arg(long, env = "LAB_NIC", default_value = "virtio-net")]
        nic: NetworkCard,
        /// Build a Vagrant box for libvirt instead, and print its path: `LAB_BOX=PATH` uses it.
        #[arg(long = "box")]
        vagrant_box: bool,
    },
    /// List the images that there are.
    #[command(after_long_help = help::IMAGE_LIST)]
    List {
        /// How they are told.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

pub fn run(command: Command) -> miette::Result<ExitCode> {
    match command {
        Command::Build { release, nic, vagrant_box: false } => build(release, nic)?,
        Command::Build { release, vagrant_box: true, .. } => build_box(release)?,
        Command::List { format } => list(format)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn build(release: Release, card: NetworkCard) -> miette::Result<()> {
    if let Ok(image) = Image::find(release, card) {
        print_line(image.folder());
        return Ok(());
    }
    let runtime = runtime()?;
    let progress = begin(&format!("building the virtual machines' image of {release} (about a minute)"));
    let image = runtime.block_on(Image::build(release, card, |line| progress.step(line)))?;
    drop(progress);
    print_line(image.folder());
    Ok(())
}

fn build_box(release: Release) -> miette::Result<()> {
    if let Some(there) = VagrantBox::find(release)? {
        println!("{}", there.path());
        return Ok(());
    }
    let runtime = runtime()?;
    let progress = begin(&format!("building a Vagrant box of {release} (about a minute)"));
    let built = runtime.block_on(VagrantBox::build(release, |line| progress.step(line)))?;
    drop(progress);
    println!("{}", built.path());
    Ok(())
}

fn begin(text: &str) -> Progress {
    let progress = Progress::start();
    progress.tell(&Event::new(text));
    progress
}

fn runtime() -> miette::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| miette::miette!("failed to start the runtime: {error}"))
}

/// What `image list --format json` prints of each.
#[derive(Serialize)]
struct Listed {
    folder: Utf8PathBuf,
    bytes: u64,
}

fn list(format: Format) -> miette::Result<()> {
    let images: Vec<Listed> =
        Image::list()?.into_iter().map(|(folder, bytes)| Listed { folder, bytes }).collect();
    match format {
        Format::Text => images
            .iter()
            .for_each(|image| print_line(format_args!("{}  {} MB", image.folder, image.bytes / 1_000_000))),
        Format::Json => print_json(&images)?,
    }
    Ok(())
}
