//! The way to a lab's machines, and the right to do there what a lab takes.

use std::{path::PathBuf, time::Duration};

use camino::Utf8Path;

use super::{
    KeeperError,
    at_once::at_once,
    masters::{self, Master},
    rights::{as_root, over_connection},
};
use crate::{
    lab::{Event, SshConnection},
    machine::{Machine, Patience, Record},
    provider::{HostWay, Provided, Provider, Restored},
    topology::{Node, Topology},
};

/// A lab's machines, reached.
pub(super) struct Connected {
    pub host: Option<Machine>,
    /// In the topology's order.
    pub nodes: Vec<Machine>,
    pub masters: Vec<Master>,
    /// The connections as the machines know them, where those go over a network.
    pub ssh_connections: Vec<SshConnection>,
    /// The slowest node's time for a command, where it has been measured.
    pub round_trip: Option<Duration>,
}

impl Connected {
    /// Connects to all machines at once.
    pub(super) async fn to(
        provider: Provider,
        topology: &Topology,
        provided: &Provided,
        record: &Record,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Self, KeeperError> {
        let mut connected = Self {
            host: None,
            nodes: Vec::new(),
            masters: Vec::new(),
            ssh_connections: Vec::new(),
            round_trip: None,
        };
        let connect = async |node: &Node| {
            let way = Way { name: &node.name, alias: &node.ssh, ssh_config: &provided.ssh_config };
            tell(Event::new(format!("{}: connecting", node.name)));
            let first_words = provided.saved.restored.as_ref().map(|_| Restored::first_words()).transpose();
            let first_words = first_words.map_err(KeeperError::io("read random numbers"))?;
            if provider.has_login_sh() { way.open_known(first_words).await } else { way.open().await }
        };
        for reached in at_once(topology.nodes.iter().map(connect)).await? {
            let machine = connected.keep(reached);
            connected.nodes.push(machine);
        }
        connected.host = match provided.host {
            HostWay::Namespaces => Some(
                Machine::in_namespaces("host", std::process::id(), Patience::UNMEASURED)
                    .map_err(KeeperError::io("open the host's namespaces"))?,
            ),
            HostWay::Here => Some(as_root(Machine::here("host", Patience::UNMEASURED)).await?),
            HostWay::Ssh => {
                let named = topology.host.as_ref().and_then(|host| host.ssh.as_deref());
                let alias = provided.host_alias.as_deref().or(named).unwrap_or("host");
                tell(Event::new("host: connecting"));
                let way = Way { name: "host", alias, ssh_config: &provided.ssh_config };
                Some(connected.keep(way.open().await?))
            }
            HostWay::Nowhere => None,
        };
        connected.nodes =
            connected.nodes.into_iter().map(|machine| machine.with_record(record.clone())).collect();
        connected.host = connected.host.map(|machine| machine.with_record(record.clone()));
        Ok(connected)
    }

    fn keep(&mut self, reached: OverSsh) -> Machine {
        self.masters.push(reached.master);
        self.ssh_connections.extend(reached.ssh_connection);
        reached.machine
    }
}

/// A machine, and the connection to it.
struct OverSsh {
    machine: Machine,
    master: Master,
    ssh_connection: Option<SshConnection>,
}

/// The way to a machine.
struct Way<'a> {
    name: &'a str,
    alias: &'a str,
    ssh_config: &'a Utf8Path,
}

impl Way<'_> {
    /// Connects to whatever account lets in.
    async fn open(&self) -> Result<OverSsh, KeeperError> {
        let (machine, master) = self.connect(None).await?;
        let (machine, ssh_connection) = over_connection(machine).await?;
        Ok(OverSsh { machine, master, ssh_connection })
    }

    /// Connects to an account that was made for the lab: it is root's, and has `sh`.
    async fn open_known(&self, first_words: Option<String>) -> Result<OverSsh, KeeperError> {
        let (machine, master) = self.connect(first_words).await?;
        Ok(OverSsh { machine: machine.with_login_sh(), master, ssh_connection: None })
    }

    async fn connect(&self, first_words: Option<String>) -> Result<(Machine, Master), KeeperError> {
        // Relative to the keeper's working folder: a socket's name has at most 107 bytes (unix(7)).
        let socket = format!("{}.mux", self.name).into();
        let master = masters::connect(self.name, self.alias, self.ssh_config, socket, first_words).await?;
        // openssh wants a path that does not depend on where it is used.
        let socket = PathBuf::from("/proc/self/cwd").join(&master.socket);
        let socket = Utf8Path::from_path(&socket).unwrap_or(&master.socket);
        Ok((Machine::over_ssh(self.name, socket, Patience::UNMEASURED), master))
    }
}
