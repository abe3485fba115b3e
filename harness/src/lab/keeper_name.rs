//! The names under which keepers are found.

use std::{
    io,
    os::{linux::net::SocketAddrExt, unix::net::SocketAddr},
};

use camino::Utf8PathBuf;
use rustix::process::getuid;
use sha2::{Digest, Sha256};

use super::{Settings, runner::Runner};
use crate::provider::Provider;

/// Which lab a person means, whatever its topology file says by now.
#[derive(Clone, Debug)]
pub struct LabAddress {
    /// What makes it.
    pub provider: Provider,
    /// The file that it was brought up from.
    pub topology_path: Utf8PathBuf,
}

impl From<&Settings> for LabAddress {
    fn from(settings: &Settings) -> Self {
        Self { provider: settings.provider, topology_path: settings.topology_path.clone() }
    }
}

/// Where one of a run's own labs listens, by its number from 1. The abstract namespace leaves no file behind, whoever is
/// killed, and two processes can't both have a name: to bind it is to be the one that starts the lab.
pub(super) fn of_run(runner: &Runner, settings: &Settings, number: u32) -> io::Result<SocketAddr> {
    of(&format!("{}/{number}", runner.identity()), &settings.into())
}

/// Where the lab listens that `lab up` brought up for this user.
pub(super) fn standing(lab: &LabAddress) -> io::Result<SocketAddr> {
    of("standing", lab)
}

fn of(owner: &str, lab: &LabAddress) -> io::Result<SocketAddr> {
    let LabAddress { provider, topology_path } = lab;
    let path = topology_path.canonicalize_utf8().unwrap_or_else(|_| topology_path.clone());
    let name = format!("{}/{owner}/{provider}/{path}", getuid().as_raw());
    // A socket's name has at most 107 bytes (unix(7)), and a path may have more.
    let hash: String = Sha256::digest(name).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    SocketAddr::from_abstract_name(format!("macvlan-e2e/{hash}"))
}
