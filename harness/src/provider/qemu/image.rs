//! The machines' image: built once from a distribution's packages, and kept.

use std::{
    env,
    fs::{self, File},
    io::{self, Write as _},
    process::Stdio,
};

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::Utf8TempDir;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
};

use super::{ImageError, Release};
use crate::{machine::quoted, provider::is_root};

/// What is laid over the distribution's own files: path in the image, mode, contents.
const FILES: [(&str, u32, &str); 8] = [
    ("usr/lib/lab/seed", 0o755, include_str!("../../../image/seed")),
    ("usr/lib/lab/network", 0o755, include_str!("../../../image/network")),
    ("etc/systemd/system/lab-seed.service", 0o644, include_str!("../../../image/lab-seed.service")),
    ("etc/systemd/system/lab-network.service", 0o644, include_str!("../../../image/lab-network.service")),
    ("etc/systemd/system/lab-ready.service", 0o644, include_str!("../../../image/lab-ready.service")),
    ("etc/systemd/system/ssh.service", 0o644, include_str!("../../../image/ssh.service")),
    ("etc/ssh/sshd_config", 0o644, include_str!("../../../image/sshd_config")),
    ("etc/systemd/network/05-macvlan.link", 0o644, include_str!("../../../image/05-macvlan.link")),
];
/// Runs inside the image when its packages are configured.
const CUSTOMIZE: &str = include_str!("../../../image/customize.sh");
/// Laid before the packages are configured, since that builds the initial RAM disk.
const INITRAMFS_FILES: [(&str, u32, &str); 2] = [
    ("etc/initramfs-tools/conf.d/lab", 0o644, include_str!("../../../image/initramfs.conf")),
    ("usr/share/initramfs-tools/modules.d/lab", 0o644, include_str!("../../../image/initramfs.modules")),
];
const INITRAMFS_OVERLAY: &str = "initramfs.tar";
const OVERLAY: &str = "overlay.tar";
const SCRIPT: &str = "customize.sh";
const SCRATCH: &str = "scratch";
const LOCK: &str = "lock";
const PART_PREFIX: &str = ".building-";
const PACKAGES: &str =
    "systemd-sysv,udev,openssh-server,iproute2,tcpdump,iputils-ping,iputils-arping,kmod,initramfs-tools";
const ROOT: &str = "root.ext2";
const KERNEL: &str = "vmlinuz";
const INITRD: &str = "initrd.img";
/// How much of mmdebstrap's output an error shows.
const TAIL_LINES: usize = 15;

/// An image that machines can be started from.
#[derive(Clone, Debug)]
pub struct Image {
    release: Release,
    folder: Utf8PathBuf,
}

impl Image {
    /// The image of a release, if it has been built by this very recipe.
    ///
    /// # Errors
    /// [`ImageError::NotBuilt`] with the way to build it.
    pub fn find(release: Release) -> Result<Self, ImageError> {
        let image = Self { release, folder: cache()?.join(key(release)) };
        if [ROOT, KERNEL, INITRD].iter().all(|file| image.folder.join(file).exists()) {
            return Ok(image);
        }
        Err(ImageError::NotBuilt { release, path: image.folder })
    }

    /// The folders of all images that there are, also of older recipes, with their sizes in bytes.
    ///
    /// # Errors
    /// Where the cache can't be read.
    pub fn list() -> Result<Vec<(Utf8PathBuf, u64)>, ImageError> {
        let cache = cache()?;
        let entries = match cache.read_dir_utf8() {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ImageError::io(format!("read {cache}"))(error)),
        };
        let whole =
            entries.filter_map(Result::ok).filter(|entry| !entry.file_name().starts_with(PART_PREFIX));
        let folders = whole.map(|entry| entry.into_path());
        let images = folders.filter_map(|folder| Some((fs::metadata(folder.join(ROOT)).ok()?.len(), folder)));
        Ok(images.map(|(size, folder)| (folder, size)).collect())
    }

    /// Builds the image of a release, in a folder beside its place, and moves it there when it is
    /// complete. `tell` gets mmdebstrap's output line by line.
    ///
    /// # Errors
    /// What mmdebstrap said, where it fails.
    pub async fn build(release: Release, mut tell: impl FnMut(&str)) -> Result<Self, ImageError> {
        let cache = cache()?;
        fs::create_dir_all(&cache).map_err(ImageError::io(format!("make {cache}")))?;
        let part = PartFolder::make(&cache).map_err(ImageError::io(format!("make a folder in {cache}")))?;
        let path = part.path();
        write_ingredients(path).map_err(ImageError::io(format!("write to {path}")))?;
        run_mmdebstrap(release, path, &mut tell).await?;
        let folder = cache.join(key(release));
        match part.become_folder(&folder) {
            Ok(()) => {}
            // Somebody else built the same image meanwhile; theirs is as good.
            Err(_) if Self::find(release).is_ok() => {}
            Err(error) => return Err(ImageError::io(format!("move the image to {folder}"))(error)),
        }
        Self::find(release)
    }

    /// What it is made of.
    pub fn release(&self) -> Release {
        self.release
    }

    /// Where it is.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    pub(super) fn root(&self) -> Utf8PathBuf {
        self.folder.join(ROOT)
    }

    pub(super) fn kernel(&self) -> Utf8PathBuf {
        self.folder.join(KERNEL)
    }

    pub(super) fn initrd(&self) -> Utf8PathBuf {
        self.folder.join(INITRD)
    }
}

fn cache() -> Result<Utf8PathBuf, ImageError> {
    let folder =
        |variable: &str| env::var(variable).ok().filter(|path| path.starts_with('/')).map(Utf8PathBuf::from);
    let base = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    Ok(base.ok_or(ImageError::NoCache)?.join("macvlan-e2e/images"))
}

/// The name of an image: its release, and the hash of all that goes into it.
fn key(release: Release) -> String {
    let mut hash = Sha256::new();
    for text in [release.name(), release.kernel_package(), PACKAGES, CUSTOMIZE] {
        hash.update(text);
        hash.update([0]);
    }
    for (path, mode, contents) in FILES.iter().chain(&INITRAMFS_FILES) {
        hash.update(format!("{path} {mode:o}\n{contents}"));
    }
    let hash: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{release}-{hash}")
}

/// A folder that becomes an image. Its lock tells whether somebody still builds in it: those that
/// nobody does are removed by the next build.
struct PartFolder {
    folder: Utf8TempDir,
    _lock: File,
}

impl PartFolder {
    fn make(cache: &Utf8Path) -> io::Result<Self> {
        for entry in cache.read_dir_utf8()?.filter_map(Result::ok) {
            if entry.file_name().starts_with(PART_PREFIX) && !is_locked(&entry.path().join(LOCK)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let folder = camino_tempfile::Builder::new().prefix(PART_PREFIX).tempdir_in(cache)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    fn path(&self) -> &Utf8Path {
        self.folder.path()
    }

    /// Leaves what makes an image, and takes its place.
    fn become_folder(self, folder: &Utf8Path) -> io::Result<()> {
        for file in [INITRAMFS_OVERLAY, OVERLAY, SCRIPT, LOCK] {
            fs::remove_file(self.path().join(file))?;
        }
        fs::remove_dir_all(self.path().join(SCRATCH))?;
        fs::rename(self.path(), folder)?;
        drop(self.folder.keep());
        Ok(())
    }
}

/// A folder whose lock is missing is being made by somebody.
fn is_locked(lock: &Utf8Path) -> bool {
    File::open(lock).map_or(true, |lock| lock.try_lock().is_err())
}

fn write_ingredients(folder: &Utf8Path) -> io::Result<()> {
    write_tar(&folder.join(INITRAMFS_OVERLAY), &INITRAMFS_FILES)?;
    write_tar(&folder.join(OVERLAY), &FILES)?;
    fs::write(folder.join(SCRIPT), CUSTOMIZE)
}

fn write_tar(path: &Utf8Path, files: &[(&str, u32, &str)]) -> io::Result<()> {
    let mut tar = tar::Builder::new(File::create(path)?);
    for (path, mode, contents) in files {
        append(&mut tar, path, *mode, contents.as_bytes())?;
    }
    tar.into_inner()?.flush()
}

/// Adds a file of root's.
pub(super) fn append<W: io::Write>(
    tar: &mut tar::Builder<W>,
    path: &str,
    mode: u32,
    contents: &[u8],
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(contents.len() as u64);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    tar.append_data(&mut header, path, contents)
}

async fn run_mmdebstrap(
    release: Release,
    folder: &Utf8Path,
    tell: &mut impl FnMut(&str),
) -> Result<(), ImageError> {
    let file = |name: &str| quoted(folder.join(name).as_str());
    let scratch = folder.join(SCRATCH);
    fs::create_dir(&scratch).map_err(ImageError::io(format!("make {scratch}")))?;
    let mut mmdebstrap = ending_with_us("mmdebstrap")
        .args(["--variant=minbase", "--format=ext2", "--mode=auto"])
        .arg(format!("--include={},{PACKAGES}", release.kernel_package()))
        .args(["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*"])
        .arg("--dpkgopt=path-exclude=/usr/share/locale/*")
        .arg(format!("--essential-hook=tar-in {} /", file(INITRAMFS_OVERLAY)))
        .arg(format!("--customize-hook=tar-in {} /", file(OVERLAY)))
        .arg(format!("--customize-hook=upload {} /{SCRIPT}", file(SCRIPT)))
        .arg(format!("--customize-hook=chroot \"$1\" sh /{SCRIPT}"))
        .arg(format!("--customize-hook=download /boot/{KERNEL} {}", file(KERNEL)))
        .arg(format!("--customize-hook=download /boot/{INITRD} {}", file(INITRD)))
        .args([release.name(), folder.join(ROOT).as_str()])
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
