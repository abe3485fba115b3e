//! A root file system, a kernel and an initial RAM disk of a distribution's packages.

use std::{fs, io, process::Stdio};

use camino::Utf8Path;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
};

use super::{
    ImageError, NetworkCard, Release,
    recipe::{DPKG_OPTIONS, Recipe},
};
use crate::{machine::quoted, provider::is_root};

/// The root file system.
pub(super) const ROOT: &str = "root.ext2";
/// The kernel.
pub(super) const KERNEL: &str = "vmlinuz";
/// The initial RAM disk.
pub(super) const INITRD: &str = "initrd.img";

const INITRAMFS_OVERLAY: &str = "initramfs.tar";
const OVERLAY: &str = "overlay.tar";
const SCRIPT: &str = "customize.sh";
const SCRATCH: &str = "scratch";
/// How much of mmdebstrap's output an error shows.
const TAIL_LINES: usize = 15;

/// Makes the three files in `folder`. `tell` gets mmdebstrap's output line by line.
pub(super) async fn mmdebstrap(
    release: Release,
    card: NetworkCard,
    recipe: &Recipe,
    folder: &Utf8Path,
    tell: &mut impl FnMut(&str),
) -> Result<(), ImageError> {
    write_ingredients(recipe, folder).map_err(ImageError::io(format!("write to {folder}")))?;
    run(release, card, recipe, folder, tell).await?;
    remove_ingredients(folder).map_err(ImageError::io(format!("remove files from {folder}")))
}

fn write_ingredients(recipe: &Recipe, folder: &Utf8Path) -> io::Result<()> {
    fs::create_dir(folder.join(SCRATCH))?;
    Recipe::write_initramfs_files(&folder.join(INITRAMFS_OVERLAY))?;
    recipe.write_files(&folder.join(OVERLAY))?;
    fs::write(folder.join(SCRIPT), recipe.script())
}

fn remove_ingredients(folder: &Utf8Path) -> io::Result<()> {
    for file in [INITRAMFS_OVERLAY, OVERLAY, SCRIPT] {
        fs::remove_file(folder.join(file))?;
    }
    fs::remove_dir_all(folder.join(SCRATCH))
}

async fn run(
    release: Release,
    card: NetworkCard,
    recipe: &Recipe,
    folder: &Utf8Path,
    tell: &mut impl FnMut(&str),
) -> Result<(), ImageError> {
    let file = |name: &str| quoted(folder.join(name).as_str());
    let scratch = folder.join(SCRATCH);
    let mut mmdebstrap = ending_with_us("mmdebstrap")
        .args(["--variant=minbase", "--format=ext2", "--mode=auto"])
        .args(release.kernels_suite().map(with_suite))
        .args(release.is_rolling().then_some("--aptopt=Acquire::Check-Valid-Until \"false\""))
        .arg(format!("--include={},{}", release.kernel_package(card), recipe.packages(release)))
        .args(DPKG_OPTIONS.map(|option| format!("--dpkgopt={option}")))
        .arg(format!("--essential-hook=tar-in {} /", file(INITRAMFS_OVERLAY)))
        .arg(format!("--customize-hook=tar-in {} /", file(OVERLAY)))
        .arg(format!("--customize-hook=upload {} /{SCRIPT}", file(SCRIPT)))
        .arg(format!("--customize-hook=chroot \"$1\" sh /{SCRIPT}"))
        .arg(format!("--customize-hook=download /boot/{KERNEL} {}", file(KERNEL)))
        .arg(format!("--customize-hook=download /boot/{INITRD} {}", file(INITRD)))
        .args([release.suite(), folder.join(ROOT).as_str()])
        .env("TMPDIR", &scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(ImageError::io("run mmdebstrap"))?;
    let said = match mmdebstrap.stderr.take() {
        Some(stderr) => follow(stderr, tell).await.map_err(ImageError::io("read from mmdebstrap"))?,
        None => Vec::new(),
    };
    let status = mmdebstrap.wait().await.map_err(ImageError::io("wait for mmdebstrap"))?;
    if status.success() {
        return Ok(());
    }
    let output = said[said.len().saturating_sub(TAIL_LINES)..].join("\n");
    Err(ImageError::Build { release, status: status.to_string(), output })
}

/// Packages may be of a further suite of Debian's archive too.
fn with_suite(suite: &str) -> String {
    let line = format!("deb http://deb.debian.org/debian {suite} main");
    format!("--setup-hook=echo {} >\"$1\"/etc/apt/sources.list.d/{suite}.list", quoted(&line))
}

/// A program that does not outlive this process, however that ends, nor do its children and its
/// mounts. Without root mmdebstrap makes a namespace of its own, which does as much for the mounts.
fn ending_with_us(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]);
    if is_root() {
        command.args(["unshare", "--fork", "--kill-child", "--pid", "--mount", "--mount-proc", "--"]);
    }
    // mmdebstrap signals its whole process group when it fails, which is not to be ours.
    command.arg(program).process_group(0);
    command
}

async fn follow(output: impl AsyncRead + Unpin, tell: &mut impl FnMut(&str)) -> io::Result<Vec<String>> {
    let mut lines = BufReader::new(output).lines();
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await? {
        tell(&line);
        said.push(line);
    }
    Ok(said)
}
