//! What an image is made of.

use std::{fs::File, io};

use camino::Utf8Path;
use sha2::{Digest, Sha256};

use super::{NetworkCard, Release};

/// A file that is laid over the distribution's own: path in the image, mode, contents.
type Laid = (&'static str, u32, &'static str);

/// What goes into an image, beside the distribution's packages.
pub(super) struct Recipe {
    /// What the image's name has behind its release's.
    suffix: &'static str,
    /// The packages beside [`PACKAGES`] and [`RUNTIMES`].
    more_packages: &'static [&'static str],
    files: &'static [Laid],
    /// Run one after the other inside the image when its packages are configured.
    scripts: &'static [&'static str],
}

/// Laid before the packages are configured, since that builds the initial RAM disk.
const INITRAMFS_FILES: [Laid; 2] = [
    ("etc/initramfs-tools/conf.d/lab", 0o644, include_str!("../../../image/initramfs.conf")),
    ("usr/share/initramfs-tools/modules.d/lab", 0o644, include_str!("../../../image/initramfs.modules")),
];
/// What makes a machine a node.
const PACKAGES: [&str; 9] = [
    "systemd-sysv",
    "udev",
    "openssh-server",
    "iproute2",
    "tcpdump",
    "iputils-ping",
    "iputils-arping",
    "kmod",
    "initramfs-tools",
];
/// What scenarios use there: filters, payloads, a DHCP client and a container's root file system (busybox), the
/// container runtimes. None of them is a daemon.
const RUNTIMES: [&str; 6] =
    ["nftables", "socat", "busybox-static", "containernetworking-plugins", "podman", "crun"];
/// What is not unpacked (dpkg(1), `--path-exclude`): of the CNI plugins, which are large, only what macvlan takes is.
pub(super) const DPKG_OPTIONS: [&str; 8] = [
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/lib/cni/*",
    "path-include=/usr/lib/cni/macvlan",
    "path-include=/usr/lib/cni/host-local",
    "path-include=/usr/lib/cni/static",
    "path-include=/usr/lib/cni/dhcp",
];
const CUSTOMIZE: &str = include_str!("../../../image/customize.sh");
const MACVLAN_LINK: Laid =
    ("etc/systemd/network/05-macvlan.link", 0o644, include_str!("../../../image/05-macvlan.link"));

impl Recipe {
    /// The `qemu` lab's nodes.
    pub(super) const NODE: Self = Self {
        suffix: "",
        more_packages: &[],
        files: &[
            ("usr/lib/lab/seed", 0o755, include_str!("../../../image/seed")),
            ("usr/lib/lab/network", 0o755, include_str!("../../../image/network")),
            ("etc/systemd/system/lab-seed.service", 0o644, include_str!("../../../image/lab-seed.service")),
            (
                "etc/systemd/system/lab-network.service",
                0o644,
                include_str!("../../../image/lab-network.service"),
            ),
            ("etc/systemd/system/lab-ready.service", 0o644, include_str!("../../../image/lab-ready.service")),
            ("etc/systemd/system/ssh.service", 0o644, include_str!("../../../image/ssh.service")),
            ("etc/ssh/sshd_config", 0o644, include_str!("../../../image/sshd_config")),
            MACVLAN_LINK,
        ],
        scripts: &[CUSTOMIZE],
    };

    /// A Vagrant box's disk.
    pub(super) const BOX: Self = Self {
        suffix: "-box",
        more_packages: &["sudo"],
        files: &[
            ("etc/systemd/system/ssh.service", 0o644, include_str!("../../../image/box/ssh.service")),
            ("etc/ssh/sshd_config", 0o644, include_str!("../../../image/box/sshd_config")),
            ("etc/ssh/vagrant.pub", 0o644, include_str!("../../../image/box/vagrant.pub")),
            ("etc/sudoers.d/vagrant", 0o440, include_str!("../../../image/box/sudoers")),
            (
                "etc/systemd/network/90-management.network",
                0o644,
                include_str!("../../../image/box/management.network"),
            ),
            MACVLAN_LINK,
        ],
        scripts: &[CUSTOMIZE, include_str!("../../../image/box/customize.sh")],
    };

    /// The packages beside the kernel, separated by commas.
    pub(super) fn packages(&self, release: Release) -> String {
        let packages = PACKAGES.iter().chain(&RUNTIMES).chain(self.more_packages).copied();
        packages.chain(release.network_stack()).collect::<Vec<_>>().join(",")
    }

    /// The name of what is made of it: the release, and the hash of all that goes into it. `more`
    /// is what goes into the thing and not into its root file system.
    pub(super) fn key(&self, release: Release, card: NetworkCard, more: &[&str]) -> String {
        let mut hash = Sha256::new();
        let (kernel, packages) = (release.kernel_package(card), self.packages(release));
        let texts = [release.name(), &kernel, &packages];
        for text in texts.iter().chain(&DPKG_OPTIONS).chain(self.scripts).chain(more) {
            hash.update(text);
            hash.update([0]);
        }
        for (path, mode, contents) in self.files.iter().chain(&INITRAMFS_FILES) {
            hash.update(format!("{path} {mode:o}\n{contents}"));
        }
        let hash: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("{release}{}-{hash}", self.suffix)
    }

    /// Writes the archive that is laid before the packages are configured.
    pub(super) fn write_initramfs_files(path: &Utf8Path) -> io::Result<()> {
        write_tar(path, &INITRAMFS_FILES)
    }

    /// Writes the archive that is laid over the distribution's files.
    pub(super) fn write_files(&self, path: &Utf8Path) -> io::Result<()> {
        write_tar(path, self.files)
    }

    /// The script that runs inside the image in the end.
    pub(super) fn script(&self) -> String {
        self.scripts.concat()
    }
}

fn write_tar(path: &Utf8Path, files: &[Laid]) -> io::Result<()> {
    let mut tar = tar::Builder::new(File::create(path)?);
    for (path, mode, contents) in files {
        append(&mut tar, path, *mode, contents.as_bytes())?;
    }
    tar.into_inner()?.sync_all()
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
