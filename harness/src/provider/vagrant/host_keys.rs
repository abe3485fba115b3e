//! The machines' host keys, learned once and pinned for as long as the machines live.

use std::{fs, io};

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::try_join_all;
use tokio::process::Command;

use super::{
    VagrantError,
    environment::{Environment, output_of},
    ssh_config::Pinned,
};

/// In seconds. A handshake takes one on an emulated machine; this is for one that never answers.
const CONNECT_TIMEOUT: &str = "ConnectTimeout=60";

/// The file that holds them, beside Vagrant's own record of the machines.
pub(super) fn known_hosts() -> Utf8PathBuf {
    Environment::state().join("known_hosts")
}

/// Learns the keys of machines that have none in the file yet, by `ssh_config`.
pub(super) async fn learn(pinned: &[Pinned], ssh_config: &Utf8Path) -> Result<(), VagrantError> {
    let file = known_hosts();
    let known = keep_keys_of(pinned, &file).map_err(VagrantError::io(format!("write {file}")))?;
    let unknown = pinned.iter().filter(|it| !has_key(&known, &it.machine));
    try_join_all(unknown.map(|it| learn_one(&it.node, ssh_config))).await?;
    // ssh connects all the same where it can't write a key down.
    let known = keep_keys_of(pinned, &file).map_err(VagrantError::io(format!("read {file}")))?;
    match pinned.iter().find(|it| !has_key(&known, &it.machine)) {
        Some(it) => Err(VagrantError::NoHostKey { node: it.node.clone(), file }),
        None => Ok(()),
    }
}

/// Forgets the keys of machines that are gone, and gives the others' lines.
fn keep_keys_of(pinned: &[Pinned], file: &Utf8Path) -> io::Result<String> {
    // Machines that were made by hand have no such folder yet.
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    let known = match fs::read_to_string(file) {
        Ok(known) => known,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let of_a_machine = |line: &&str| pinned.iter().any(|it| has_key(line, &it.machine));
    let kept: String = known.split_inclusive('\n').filter(of_a_machine).collect();
    if kept != known {
        fs::write(file, &kept)?;
    }
    Ok(kept)
}

fn has_key(known: &str, machine: &str) -> bool {
    known.lines().any(|line| line.split_whitespace().next() == Some(machine))
}

/// ssh itself writes the key down: it knows the way, through a proxy too.
async fn learn_one(node: &str, ssh_config: &Utf8Path) -> Result<(), VagrantError> {
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", ssh_config.as_str(), "-o", "StrictHostKeyChecking=accept-new", "-o", "BatchMode=yes"]);
    ssh.args(["-o", CONNECT_TIMEOUT, node, "true"]);
    output_of(&mut ssh).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_machines_that_are_gone_are_forgotten() {
        let folder = camino_tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        let pinned = [Pinned { node: "node-1".to_owned(), machine: "new".to_owned() }];
        assert_eq!(keep_keys_of(&pinned, &file).unwrap(), "");
        fs::write(&file, "old ssh-ed25519 AAAA\nnew ssh-ed25519 BBBB\n").unwrap();
        assert_eq!(keep_keys_of(&pinned, &file).unwrap(), "new ssh-ed25519 BBBB\n");
        assert_eq!(fs::read_to_string(&file).unwrap(), "new ssh-ed25519 BBBB\n");
    }
}
