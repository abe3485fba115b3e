//! The way to a lab's machines, and the right to do there what a lab takes.

use std::path::PathBuf;

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
    provider::{HostWay, Provided, Provider},
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
        let mut connected =
            Self { host: None, nodes: Vec::new(), masters: Vec::new(), ssh_connections: Vec::new() };
        let connect = async |node: &Node| over_ssh(&node.name, &node.ssh, &provided.ssh_config, tell).await;
        for way in at_once(topology.nodes.iter().map(connect)).await? {
            let machine = connected.keep(way);
            connected.nodes.push(if provider.has_login_sh() { machine.with_login_sh() } else { machine });
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
                Some(connected.keep(over_ssh("host", alias, &provided.ssh_config, tell).await?))
            }
            HostWay::Nowhere => None,
        };
        connected.nodes =
            connected.nodes.into_iter().map(|machine| machine.with_record(record.clone())).collect();
        connected.host = connected.host.map(|machine| machine.with_record(record.clone()));
        Ok(connected)
    }

    fn keep(&mut self, way: OverSsh) -> Machine {
        self.masters.push(way.master);
        self.ssh_connections.extend(way.ssh_connection);
        way.machine
    }
}

/// A machine, and the connection to it.
struct OverSsh {
    machine: Machine,
    master: Master,
    ssh_connection: Option<SshConnection>,
}

async fn over_ssh(
    name: &str,
    alias: &str,
    ssh_config: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<OverSsh, KeeperError> {
    tell(Event::new(format!("{name}: connecting")));
    // Relative to the keeper's working folder: a socket's name has at most 107 bytes (unix(7)).
    let socket = format!("{name}.mux").into();
    let master = masters::connect(name, alias, ssh_config, socket).await?;
    // openssh wants a path that does not depend on where it is used.
    let socket = PathBuf::from("/proc/self/cwd").join(&master.socket);
    let socket = Utf8Path::from_path(&socket).unwrap_or(&master.socket);
    let machine = Machine::over_ssh(name, socket, Patience::UNMEASURED);
    let (machine, ssh_connection) = over_connection(machine).await?;
    Ok(OverSsh { machine, master, ssh_connection })
}
