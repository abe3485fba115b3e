//! The way to Vagrant's machines.

use std::{fmt::Write as _, fs};

use camino::{Utf8Path, Utf8PathBuf};

use super::VagrantError;

/// A node and the name that its host key is pinned by.
pub(super) struct Pinned {
    /// The node's alias.
    pub node: String,
    /// libvirt's identifier of its machine: another machine of this name has another key.
    pub machine: String,
}

/// Writes the `ssh_config`: the host's lines, and the pinned keys before Vagrant's own lines, which check none, since in
/// ssh the first value counts.
pub(super) fn write(
    path: &Utf8Path,
    host_block: &str,
    known_hosts: &Utf8PathBuf,
    pinned: &[Pinned],
    of_vagrant: &str,
) -> Result<(), VagrantError> {
    fs::write(path, text(host_block, known_hosts, pinned, of_vagrant))
        .map_err(VagrantError::io(format!("write {path}")))
}

fn text(host_block: &str, known_hosts: &Utf8PathBuf, pinned: &[Pinned], of_vagrant: &str) -> String {
    let mut text = host_block.to_owned();
    for Pinned { node, machine } in pinned {
        let _ = writeln!(text, "Host {node}\n  HostKeyAlias {machine}");
    }
    let _ = write!(
        text,
        "Host *\n  UserKnownHostsFile \"{known_hosts}\"\n  GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  \
         HashKnownHosts no\n  UpdateHostKeys no\n  IdentityAgent none\n  PreferredAuthentications publickey\n  \
         LogLevel ERROR\n\n{of_vagrant}"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_key_counts_and_not_vagrants_trust() {
        // As `vagrant ssh-config` prints it: its trust in any key is what must not count.
        let vagrants = "Host node-1\n  HostName 192.168.121.22\n  User vagrant\n  Port 22\n  UserKnownHostsFile /dev/null\n  \
                        StrictHostKeyChecking no\n  IdentitiesOnly yes\n";
        let folder = camino_tempfile::tempdir().unwrap();
        let path = folder.path().join("ssh_config");
        let known_hosts = folder.path().join("known hosts");
        let pinned = Pinned { node: "node-1".to_owned(), machine: "207f6243".to_owned() };
        write(&path, "", &known_hosts, &[pinned], vagrants).unwrap();
        let read =
            std::process::Command::new("ssh").args(["-G", "-F", path.as_str(), "node-1"]).output().unwrap();
        let read = String::from_utf8(read.stdout).unwrap();
        for line in
            ["stricthostkeychecking true", "hostkeyalias 207f6243", "user vagrant", "hostname 192.168.121.22"]
        {
            assert!(read.lines().any(|there| there == line), "no {line:?} in:\n{read}");
        }
        assert!(!read.contains("/dev/null"), "{read}");
    }
}
