//! A machine that a command reaches by itself, for as long as it runs.

use std::time::Duration;

use camino::Utf8Path;

use super::{
    KeeperError,
    masters::{self, Master},
    rights::over_connection,
    survey::measured,
};
use crate::{
    lab::SshConnection,
    machine::{Machine, Patience},
};

/// A machine, and the connection to it, which ends when this is dropped.
pub(crate) struct Reached {
    pub machine: Machine,
    /// The connection as the machine knows it, where it goes over a network.
    pub ssh_connection: Option<SshConnection>,
    /// The time of the shortest command.
    pub round_trip: Duration,
    _master: Master,
}

impl Reached {
    /// Connects; the control socket is made in `folder`, whose path is to be short (unix(7)).
    pub(crate) async fn over_ssh(
        name: &str,
        alias: &str,
        ssh_config: &Utf8Path,
        folder: &Utf8Path,
    ) -> Result<Self, KeeperError> {
        let master =
            masters::connect(name, alias, ssh_config, folder.join(format!("{name}.mux")), None).await?;
        let machine = Machine::over_ssh(name, &master.socket, Patience::UNMEASURED);
        let (machine, ssh_connection) = over_connection(machine).await?;
        let round_trip = measured(&machine).await?;
        Ok(Self { machine, ssh_connection, round_trip, _master: master })
    }
}
