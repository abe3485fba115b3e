//! What a provider needs on the machine, and where that comes from.

use std::{env, fs, path::Path};

use super::{Provider, ProviderError};

/// A program that a provider needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The program.
    pub program: &'static str,
    /// Debian's and Ubuntu's package that has it.
    pub package: &'static str,
    /// What it is needed for.
    pub purpose: &'static str,
}

const fn needs(program: &'static str, package: &'static str, purpose: &'static str) -> Requirement {
    Requirement { program, package, purpose }
}

const COMMON: [Requirement; 8] = [
    needs("unshare", "util-linux", "the lab's namespaces"),
    needs("nsenter", "util-linux", "commands inside the lab"),
    needs("mount", "mount", "the lab's own /run"),
    needs("ip", "iproute2", "links and addresses"),
    needs("tcpdump", "tcpdump", "captures"),
    needs("ping", "iputils-ping", "probes"),
    needs("ssh", "openssh-client", "the way to the nodes"),
    needs("ssh-keygen", "openssh-client", "the lab's own keys"),
];
const NETNS: [Requirement; 1] =
    [needs("sshd", "openssh-server", "the nodes' end of ssh, started for each connection")];
const NETNS_WITHOUT_ROOT: [Requirement; 1] =
    [needs("newuidmap", "uidmap", "user namespaces with more than one user")];
const QEMU: [Requirement; 3] = [
    needs("qemu-system-x86_64", "qemu-system-x86", "the virtual machines"),
    needs("mmdebstrap", "mmdebstrap", "building their image"),
    needs("genext2fs", "genext2fs", "the image's file system"),
];

/// What a provider needs, for the user that runs this.
pub fn requirements(provider: Provider) -> Vec<Requirement> {
    let root = is_root();
    let own: &[&[Requirement]] = match (provider, root) {
        (Provider::Netns, true) => &[&NETNS],
        (Provider::Netns, false) => &[&NETNS, &NETNS_WITHOUT_ROOT],
        (Provider::Qemu, _) => &[&QEMU],
    };
    COMMON.into_iter().chain(own.iter().flat_map(|list| list.iter().copied())).collect()
}

/// Whether this process may do what only root may.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Requirement {
    /// A program of which only its being there matters.
    pub const fn program(program: &'static str) -> Self {
        needs(program, "", "")
    }

    /// Where the program is, if it is there. Those for administrators are found in an ordinary
    /// user's session too, whose path lacks their folders.
    pub fn is_met(&self) -> bool {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path)
            .chain(["/usr/sbin", "/sbin"].map(Into::into))
            .any(|folder| is_executable(&folder.join(self.program)))
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Something that a provider needs and that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What is missing.
    pub what: String,
    /// How to get it.
    pub fix: String,
}

impl Missing {
    pub(super) fn list(missing: &[Self]) -> String {
        let items = missing.iter().map(|missing| format!("{} ({})", missing.what, missing.fix));
        items.collect::<Vec<_>>().join("; ")
    }
}

/// Refuses a provider whose requirements are not met.
pub(super) fn check(provider: Provider) -> Result<(), ProviderError> {
    let missing: Vec<Missing> = (requirements(provider).iter())
        .filter(|requirement| !requirement.is_met())
        .map(|requirement| Missing {
            what: format!("{} is not installed", requirement.program),
            fix: format!("apt-get install {}", requirement.package),
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(ProviderError::Missing { provider, missing }) }
}
