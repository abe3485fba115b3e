//! A Vagrant box of the distributions' packages, for machines that reach no catalogue of boxes.

use std::{
    fs::{self, File},
    io,
    process::Stdio,
};

use camino::{Utf8Path, Utf8PathBuf};
use tokio::process::Command;

use super::{
    ImageError, NetworkCard, Release,
    cache::cache,
    machine::KERNEL_OPTIONS,
    mmdebstrap::{INITRD, KERNEL, ROOT, mmdebstrap},
    part_folder::PartFolder,
    recipe::{Recipe, append},
};

/// Where boxes are kept.
const BOXES: &str = "boxes";
/// The disk, as vagrant-libvirt calls it.
const DISK: &str = "box.img";
const PACKED: &str = "packed.box";
const VAGRANTFILE: &str = include_str!("../../../image/box/Vagrantfile");
/// vagrant-libvirt reads the true size from the disk, and wants one here nevertheless, in GB.
const METADATA: &str = "{\"provider\":\"libvirt\",\"format\":\"qcow2\",\"virtual_size\":1}\n";

/// A Vagrant box for libvirt, which starts without a boot loader.
#[derive(Clone, Debug)]
pub struct VagrantBox {
    path: Utf8PathBuf,
}

impl VagrantBox {
    /// The box of a release, if it has been built by this very recipe.
    ///
    /// # Errors
    /// Where there is no cache.
    pub fn find(release: Release) -> Result<Option<Self>, ImageError> {
        let key = Recipe::BOX.key(release, NetworkCard::VirtioNet, &[&vagrantfile(), METADATA]);
        let path = cache(BOXES)?.join(format!("{key}.box"));
        Ok(path.exists().then_some(Self { path }))
    }

    /// Builds the box of a release. `tell` gets mmdebstrap's output line by line.
    ///
    /// # Errors
    /// What mmdebstrap or qemu-img said, where one fails.
    pub async fn build(release: Release, mut tell: impl FnMut(&str)) -> Result<Self, ImageError> {
        let cache = cache(BOXES)?;
        fs::create_dir_all(&cache).map_err(ImageError::io(format!("make {cache}")))?;
        let part = PartFolder::make(&cache).map_err(ImageError::io(format!("make a folder in {cache}")))?;
        mmdebstrap(release, NetworkCard::VirtioNet, &Recipe::BOX, part.path(), &mut tell).await?;
        make_disk(part.path()).await?;
        let packed = part.path().join(PACKED);
        pack(part.path(), &packed).map_err(ImageError::io(format!("write {packed}")))?;
        let key = Recipe::BOX.key(release, NetworkCard::VirtioNet, &[&vagrantfile(), METADATA]);
        let path = cache.join(format!("{key}.box"));
        fs::rename(&packed, &path).map_err(ImageError::io(format!("move the box to {path}")))?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }
}

/// The box's own settings. Its first network card has the kernel's own name.
fn vagrantfile() -> String {
    VAGRANTFILE.replace("KERNEL_OPTIONS", &format!("{KERNEL_OPTIONS} quiet loglevel=3 net.ifnames=0"))
}

async fn make_disk(folder: &Utf8Path) -> Result<(), ImageError> {
    let output = Command::new("qemu-img")
        .args(["convert", "-f", "raw", "-O", "qcow2", "-c", ROOT, DISK])
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(ImageError::io("run qemu-img (package qemu-utils)"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(ImageError::io("convert the disk")(io::Error::other(format!(
        "qemu-img ended ({}): {}",
        output.status,
        said.trim()
    ))))
}

fn pack(folder: &Utf8Path, path: &Utf8Path) -> io::Result<()> {
    let mut tar = tar::Builder::new(File::create(path)?);
    append(&mut tar, "metadata.json", 0o644, METADATA.as_bytes())?;
    append(&mut tar, "Vagrantfile", 0o644, vagrantfile().as_bytes())?;
    for file in [DISK, KERNEL, INITRD] {
        tar.append_path_with_name(folder.join(file), file)?;
    }
    tar.into_inner()?.sync_all()
}
