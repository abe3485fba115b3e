//! Where the hypervisor is, and with it the host of the lab.

use std::{env, fmt::Write as _};

use crate::provider::HostWay;

/// libvirt's address of the hypervisor, as vagrant-libvirt takes it too.
pub(super) fn hypervisor() -> String {
    let named = env::var("LIBVIRT_DEFAULT_URI").ok().filter(|uri| !uri.is_empty());
    named.unwrap_or_else(|| "qemu:///system".to_owned())
}

/// Whether the hypervisor is this machine.
pub(in crate::provider) fn has_local_hypervisor() -> bool {
    is_local(&hypervisor())
}

/// A hypervisor's address without a host: `scheme:///path`.
fn is_local(hypervisor: &str) -> bool {
    hypervisor.split_once("://").is_some_and(|(_, rest)| rest.starts_with('/'))
}

/// The way to the hypervisor's own side of the LAN: over SSH, where libvirt is reached so too.
pub(super) fn host_way() -> HostWay {
    let hypervisor = hypervisor();
    match SshAddress::of(&hypervisor) {
        _ if is_local(&hypervisor) => HostWay::Here,
        Some(_) => HostWay::Ssh,
        None => HostWay::Nowhere,
    }
}

/// The lines of an `ssh_config` for the host, where that is another machine: with the user's own files, keys
/// and known hosts, as libvirt itself goes there.
pub(super) fn host_block() -> String {
    SshAddress::of(&hypervisor()).map(|address| address.block()).unwrap_or_default()
}

/// The alias that libvirt itself goes to: what the user's own files say of it counts.
pub(super) fn host_alias() -> Option<String> {
    SshAddress::of(&hypervisor()).map(|address| address.machine)
}

/// Where `qemu+ssh://user@machine:port/system` points.
#[derive(Debug, PartialEq, Eq)]
struct SshAddress {
    user: Option<String>,
    machine: String,
    port: Option<u16>,
}

impl SshAddress {
    fn of(hypervisor: &str) -> Option<Self> {
        let (scheme, rest) = hypervisor.split_once("://")?;
        if !matches!(scheme.split_once('+'), Some((_, "ssh" | "libssh" | "libssh2"))) {
            return None;
        }
        let authority = rest.split(['/', '?']).next()?;
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, authority),
        };
        let (machine, port) = match place.rsplit_once(':') {
            Some((machine, port)) => (machine, Some(port.parse().ok()?)),
            None => (place, None),
        };
        (!machine.is_empty()).then(|| Self { user, machine: machine.to_owned(), port })
    }

    fn block(&self) -> String {
        let mut text = format!("Host {}\n", self.machine);
        if let Some(user) = &self.user {
            let _ = writeln!(text, "  User {user}");
        }
        if let Some(port) = self.port {
            let _ = writeln!(text, "  Port {port}");
        }
        text += "  UserKnownHostsFile ~/.ssh/known_hosts\n  GlobalKnownHostsFile /etc/ssh/ssh_known_hosts\n  \
                 IdentityAgent SSH_AUTH_SOCK\n  Include ~/.ssh/config\n";
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hypervisor_elsewhere_is_told_from_this_machine() {
        assert!(is_local("qemu:///system"));
        assert!(!is_local("qemu+ssh://root@hypervisor/system"));
    }

    #[test]
    fn the_host_is_where_libvirt_is_reached_over_ssh() {
        let address = SshAddress::of("qemu+ssh://root@hypervisor:2222/system?keyfile=x").unwrap();
        assert_eq!(
            address.block().lines().take(3).collect::<Vec<_>>(),
            ["Host hypervisor", "  User root", "  Port 2222"]
        );
        for other in ["qemu:///system", "qemu+tls://hypervisor/system", "qemu+ssh:///system"] {
            assert_eq!(SshAddress::of(other), None, "{other}");
        }
    }
}
