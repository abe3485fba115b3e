//! The names under which keepers are found.

use std::{
    io,
    os::{linux::net::SocketAddrExt, unix::net::SocketAddr},
};

use rustix::process::getuid;
use sha2::{Digest, Sha256};

use super::{Settings, runner::Runner};

/// Where a run's own lab listens. The abstract namespace leaves no file behind, whoever is killed,
/// and two processes can't both have a name: to bind it is to be the one that starts the lab.
pub(super) fn of_run(runner: &Runner, settings: &Settings) -> io::Result<SocketAddr> {
    of(&runner.identity(), settings)
}

/// Where the lab listens that `lab up` brought up for this user.
pub(super) fn standing(settings: &Settings) -> io::Result<SocketAddr> {
    of("standing", settings)
}

fn of(owner: &str, settings: &Settings) -> io::Result<SocketAddr> {
    let Settings { provider, topology_path, .. } = settings;
    let path = topology_path.canonicalize_utf8().unwrap_or_else(|_| topology_path.clone());
    let name = format!("{}/{owner}/{provider}/{path}", getuid().as_raw());
    // A socket's name has at most 107 bytes (unix(7)), and a path may have more.
    let hash: String = Sha256::digest(name).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    SocketAddr::from_abstract_name(format!("macvlan-e2e/{hash}"))
}
