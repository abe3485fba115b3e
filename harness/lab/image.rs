//! `lab image`: the virtual machines' images.

use std::process::ExitCode;

use clap::Subcommand;
use harness::{
    Progress,
    lab::Event,
    provider::{Image, Release},
};

use crate::print_line::print_line;

#[derive(Subcommand)]
pub enum Command {
    /// Build an image with mmdebstrap. One that is there already is left as it is.
    Build {
        /// The distribution's release: bullseye, bookworm, trixie, jammy or noble.
        #[arg(long, env = "LAB_RELEASE", default_value = "bookworm")]
        release: Release,
    },
    /// List the images that there are.
    List,
}

pub fn run(command: Command) -> miette::Result<ExitCode> {
    match command {
        Command::Build { release } => build(release)?,
        Command::List => list()?,
    }
    Ok(ExitCode::SUCCESS)
}

fn build(release: Release) -> miette::Result<()> {
    if let Ok(image) = Image::find(release) {
        print_line(image.folder());
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| miette::miette!("failed to start the runtime: {error}"))?;
    let progress = Progress::start();
    progress
        .phase(&Event::new(format!("building the virtual machines' image of {release} (about a minute)")));
    let image = runtime.block_on(Image::build(release, |line| progress.step(line)))?;
    drop(progress);
    print_line(image.folder());
    Ok(())
}

fn list() -> miette::Result<()> {
    for (folder, size) in Image::list()? {
        print_line(format_args!("{folder}  {} MB", size / 1_000_000));
    }
    Ok(())
}
