//! What a provider needs on the machine, and where that comes from.

use std::{
    env,
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use super::{
    Provider, ProviderError,
    vagrant::{self, Reach},
};

/// Something that a provider needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The program, file or ability.
    pub name: &'static str,
    /// What it is needed for.
    pub purpose: &'static str,
    /// How to get it.
    pub fix: Fix,
    test: Test,
}

/// How to get what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Install Debian's and Ubuntu's package of this name.
    Package(&'static str),
    /// Do what this says.
    Advice(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    /// The program is there.
    Program,
    /// The device can be opened for reading and writing.
    Device,
    /// A user namespace with more than one user can be made.
    UserNamespace,
    /// Vagrant has the plug-in.
    VagrantPlugin,
    /// libvirt's daemon is there.
    LibvirtRuns,
    /// libvirt's daemon lets this user in.
    LibvirtPermits,
}

const fn program(name: &'static str, package: &'static str, purpose: &'static str) -> Requirement {
    Requirement { name, purpose, fix: Fix::Package(package), test: Test::Program }
}

const COMMON: [Requirement; 3] = [
    program("setsid", "util-linux", "a lab that no closing terminal ends"),
    program("setpriv", "util-linux", "processes that end with their starter"),
    program("ssh", "openssh-client", "the way to the nodes"),
];
const OWN_HOST: [Requirement; 6] = [
    program("ip", "iproute2", "links and addresses"),
    program("tcpdump", "tcpdump", "captures"),
    program("ping", "iputils-ping", "probes"),
    program("ssh-keygen", "openssh-client", "the lab's own keys"),
    program("dnsmasq", "dnsmasq-base", "addresses for who asks by DHCP"),
    program("socat", "socat", "payloads beyond pings"),
];
const NAMESPACES: [Requirement; 3] = [
    program("unshare", "util-linux", "the lab's namespaces"),
    program("nsenter", "util-linux", "commands inside the lab"),
    program("mount", "mount", "the lab's own /run"),
];
const WITHOUT_ROOT: [Requirement; 2] = [
    program("newuidmap", "uidmap", "user namespaces with more than one user"),
    Requirement {
        name: "user namespaces",
        purpose: "a lab without root",
        fix: Fix::Advice(
            "they take util-linux 2.38, lines for you in /etc/subuid and /etc/subgid (usermod --add-subuids), \
             and on Ubuntu 24.04 kernel.apparmor_restrict_unprivileged_userns=0; or run as root",
        ),
        test: Test::UserNamespace,
    },
];
const NETNS: [Requirement; 4] = [
    program("sshd", "openssh-server", "the nodes' end of ssh, started for each connection"),
    program("arping", "iputils-arping", "nodes that stand for machines that exist already"),
    program("nft", "nftables", "filters that some faults are made of"),
    program("busybox", "busybox-static", "a DHCP client"),
];
const QEMU: [Requirement; 5] = [
    program("qemu-system-x86_64", "qemu-system-x86", "the virtual machines"),
    program("qemu-img", "qemu-utils", "disks that can be saved with their machines"),
    program("mmdebstrap", "mmdebstrap", "building their image"),
    program("genext2fs", "genext2fs", "the image's file system"),
    Requirement {
        name: "/dev/net/tun",
        purpose: "the virtual machines' cables",
        fix: Fix::Advice(
            "run as root, or `sudo modprobe tun && sudo chmod 0666 /dev/net/tun`, as distributions have it",
        ),
        test: Test::Device,
    },
];

const VAGRANT: [Requirement; 6] = [
    program("vagrant", "vagrant", "the virtual machines"),
    program("virsh", "libvirt-clients", "libvirt's networks"),
    program("qemu-img", "qemu-utils", "reading a box's disk"),
    Requirement {
        name: "vagrant-libvirt",
        purpose: "Vagrant's way to libvirt",
        fix: Fix::Package("vagrant-libvirt"),
        test: Test::VagrantPlugin,
    },
    Requirement {
        name: "libvirt",
        purpose: "a hypervisor that answers",
        fix: Fix::Advice(
            "`systemctl enable --now libvirtd`, or name another hypervisor in LIBVIRT_DEFAULT_URI; as root, and where \
             there is no systemd, run the command through `vagrant/libvirt-in-netns`",
        ),
        test: Test::LibvirtRuns,
    },
    Requirement {
        name: "libvirt's socket",
        purpose: "permission to ask that daemon",
        fix: Fix::Advice("`sudo usermod --append --groups libvirt $USER`, then log in anew; or run as root"),
        test: Test::LibvirtPermits,
    },
];

/// Where the hypervisor is this machine.
const LIBVIRT: [Requirement; 2] = [
    program("libvirtd", "libvirt-daemon-system", "the virtual machines' daemon"),
    program("qemu-system-x86_64", "qemu-system-x86", "the virtual machines"),
];

/// What a provider needs, for the user that runs this.
pub fn requirements(provider: Provider) -> Vec<Requirement> {
    let own: &[Requirement] = match provider {
        Provider::Netns => &NETNS,
        Provider::Qemu => &QEMU,
        Provider::Vagrant => &VAGRANT,
        Provider::Ssh => &[],
    };
    let has_daemon = provider == Provider::Vagrant && vagrant::has_local_hypervisor();
    let daemon: &[Requirement] = if has_daemon { &LIBVIRT } else { &[] };
    let host: &[Requirement] = if provider.owns_nodes() { &OWN_HOST } else { &[] };
    let namespaces: &[Requirement] = if provider.is_hermetic() { &NAMESPACES } else { &[] };
    let needs_namespaces = provider.is_hermetic() && !is_root();
    let without_root: &[Requirement] = if needs_namespaces { &WITHOUT_ROOT } else { &[] };
    [&COMMON, host, namespaces, daemon, own, without_root].concat()
}

/// Whether this process may do what only root may.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Requirement {
    /// Whether it is a program.
    pub(super) fn is_program(&self) -> bool {
        self.test == Test::Program
    }

    /// Whether it is there.
    pub fn is_met(&self) -> bool {
        match self.test {
            Test::Program => has_program(self.name),
            Test::Device => File::options().read(true).write(true).open(self.name).is_ok(),
            Test::UserNamespace => can_make_user_namespace(),
            Test::VagrantPlugin => vagrant::has_plugin(),
            Test::LibvirtRuns => Reach::of_libvirt() != Reach::NotRunning,
            Test::LibvirtPermits => Reach::of_libvirt() != Reach::NotPermitted,
        }
    }
}

/// Whether a program is installed. Those for administrators are found in an ordinary user's
/// session too, whose path lacks their folders.
pub fn has_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(Into::into));
    folders.into_iter().any(|folder| is_executable(&folder.join(name)))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn can_make_user_namespace() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["--map-root-user", "--map-auto", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    unshare.status().is_ok_and(|status| status.success())
}

/// Refuses a provider whose requirements are not met.
pub(crate) fn check(provider: Provider) -> Result<(), ProviderError> {
    let missing: Vec<Requirement> =
        requirements(provider).into_iter().filter(|requirement| !requirement.is_met()).collect();
    if missing.is_empty() { Ok(()) } else { Err(ProviderError::Missing { provider, missing }) }
}

/// What is missing and how to get it, in a line.
pub(super) fn list(missing: &[Requirement]) -> String {
    let items = missing.iter().map(|requirement| match requirement.fix {
        Fix::Package(package) => format!("{} is missing (apt-get install {package})", requirement.name),
        Fix::Advice(advice) => format!("{} can't be used ({advice})", requirement.name),
    });
    items.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_and_a_missing_right_are_told_with_their_fix() {
        let nothing = program("no-such-program", "no-such-package", "nothing");
        let device =
            Requirement { name: "/dev/null/no", fix: Fix::Advice("ask"), test: Test::Device, ..nothing };
        assert!(!nothing.is_met() && !device.is_met());
        let text = list(&[nothing, device]);
        assert_eq!(
            text,
            "no-such-program is missing (apt-get install no-such-package); /dev/null/no can't be used (ask)"
        );
    }
}
