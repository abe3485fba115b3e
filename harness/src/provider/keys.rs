//! A lab's own SSH keys and client configuration: made for it, pinned, and gone with it.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
};

use camino::{Utf8Path, Utf8PathBuf};
use tokio::process::Command;

use super::ProviderError;
use crate::topology::Node;

/// The keys of one lab.
pub(super) struct Keys {
    directory: Utf8PathBuf,
}

/// How the client reaches one node.
#[derive(Clone)]
pub(super) struct Way {
    /// The node's alias.
    pub node: String,
    /// The lines of its `Host` block.
    pub options: Vec<String>,
    /// The command that, run in the keeper's namespaces, has the node's sshd on its standard streams.
    pub entrance: String,
}

impl Way {
    /// The way to the node by its address on the LAN.
    pub(super) fn over_lan(self, node: &Node) -> Self {
        Self { options: vec![format!("HostName {}", node.address.addr())], ..self }
    }
}

impl Keys {
    /// Makes a client key and a host key for each node, in a folder of their owner's alone.
    pub(super) async fn generate(directory: &Utf8Path, nodes: &[&str]) -> Result<Self, ProviderError> {
        make_afresh(directory).map_err(ProviderError::io(format!("make {directory}")))?;
        let keys = Self { directory: directory.to_owned() };
        generate_key(&directory.join("client"), "client").await?;
        for node in nodes {
            generate_key(&keys.host_key(node), node).await?;
        }
        keys.pin_host_keys(nodes).map_err(ProviderError::io("write known_hosts"))?;
        Ok(keys)
    }

    /// The keys of machines that know them already, copied to `directory`.
    pub(super) fn copied(from: &Utf8Path, directory: &Utf8Path) -> Result<Self, ProviderError> {
        let copy = || {
            make_afresh(directory)?;
            for file in from.read_dir_utf8()? {
                let file = file?;
                // With its permissions, which ssh looks at.
                fs::copy(file.path(), directory.join(file.file_name()))?;
            }
            Ok(())
        };
        copy().map_err(ProviderError::io(format!("copy the keys in {from} to {directory}")))?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// The private host key of a node.
    pub(super) fn host_key(&self, node: &str) -> Utf8PathBuf {
        self.directory.join(format!("{node}.host"))
    }

    /// The public key that the nodes let in.
    pub(super) fn authorized_keys(&self) -> Utf8PathBuf {
        self.directory.join("client.pub")
    }

    /// Writes the `ssh_config`.
    pub(super) fn write_ssh_config(&self, path: &Utf8Path, ways: &[Way]) -> Result<(), ProviderError> {
        let mut text = String::new();
        for Way { node, options, .. } in ways {
            let _ = writeln!(text, "Host {node}\n  HostKeyAlias {node}");
            for option in options {
                let _ = writeln!(text, "  {option}");
            }
        }
        let directory = &self.directory;
        let _ = write!(
            text,
            "Host *\n  User root\n  IdentityFile {directory}/client\n  IdentitiesOnly yes\n  IdentityAgent none\n  \
             UserKnownHostsFile {directory}/known_hosts\n  GlobalKnownHostsFile none\n  \
             StrictHostKeyChecking yes\n  UpdateHostKeys no\n  PreferredAuthentications publickey\n  \
             KexAlgorithms curve25519-sha256\n  LogLevel ERROR\n"
        );
        fs::write(path, text).map_err(ProviderError::io(format!("write {path}")))
    }

    /// Writes each node's entrance, for who comes from outside the lab.
    pub(super) fn write_entrances(&self, directory: &Utf8Path, ways: &[Way]) -> Result<(), ProviderError> {
        for Way { node, entrance, .. } in ways {
            let file = directory.join(format!("{node}.entrance"));
            fs::write(&file, entrance).map_err(ProviderError::io(format!("write {file}")))?;
        }
        Ok(())
    }

    fn pin_host_keys(&self, nodes: &[&str]) -> io::Result<()> {
        let mut text = String::new();
        for node in nodes {
            let _ = writeln!(
                text,
                "{node} {}",
                fs::read_to_string(self.directory.join(format!("{node}.host.pub")))?.trim()
            );
        }
        fs::write(self.directory.join("known_hosts"), text)
    }
}

/// Makes the folder, its owner's alone, without what machines left there that did not come up.
fn make_afresh(directory: &Utf8Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(directory)
}

async fn generate_key(path: &Utf8Path, comment: &str) -> Result<(), ProviderError> {
    let output = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path.as_str()])
        .output()
        .await
        .map_err(ProviderError::io("run ssh-keygen"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(ProviderError::Ended {
        program: format!("ssh-keygen ({})", output.status),
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Utf8Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[tokio::test]
    async fn keys_are_their_owners_alone() {
        let folder = camino_tempfile::tempdir().unwrap();
        let directory = folder.path().join("keys");
        let keys = Keys::generate(&directory, &["node-1"]).await.unwrap();
        assert_eq!(mode(&directory), 0o700);
        assert_eq!(mode(&directory.join("client")), 0o600);
        assert_eq!(mode(&keys.host_key("node-1")), 0o600);
    }

    #[tokio::test]
    async fn a_link_that_somebody_has_put_there_gets_no_key() {
        let folder = camino_tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let planted = folder.path().join("keys");
        std::os::unix::fs::symlink(&elsewhere, &planted).unwrap();
        Keys::generate(&planted, &["node-1"]).await.unwrap();
        assert_eq!(mode(&planted), 0o700, "it is a folder of its own");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "no key was made there");
    }
}
