//! Machines that outlive a lab, looked at and left alone.

use std::collections::BTreeSet;

use super::{KeeperError, reached::Reached, rights::as_root};
use crate::{
    lab::Settings,
    machine::{Machine, Patience, Script},
    provider::{self, HostWay, Places, Provider, find_machines},
};

/// Reaches the machines and looks as a run does before it changes anything. What makes a result unreliable there is
/// returned, a sentence each; `None` where no machines are up.
///
/// # Errors
/// Machines that can't be reached, or used as they are.
pub(crate) async fn look(settings: &Settings) -> Result<Option<Vec<String>>, KeeperError> {
    let folder = camino_tempfile::tempdir().map_err(KeeperError::io("make a folder"))?;
    let Settings { provider, topology, ssh_config, .. } = settings;
    let places = Places::to_look_from(folder.path(), ssh_config.as_deref());
    let Some(provided) = find_machines(*provider, topology, &places).await? else { return Ok(None) };
    let mut reached = Vec::new();
    for node in &topology.nodes {
        reached.push(Reached::over_ssh(&node.name, &node.ssh, &provided.ssh_config, folder.path()).await?);
    }
    let nodes: Vec<Machine> = reached.iter().map(|one| one.machine.clone()).collect();
    if *provider == Provider::Vagrant {
        return equal_machine_ids(&nodes).await.map(Some);
    }
    let host = match provided.host {
        HostWay::Here => Some(as_root(Machine::here("host", Patience::UNMEASURED)).await?),
        HostWay::Ssh => {
            let alias = topology.host.as_ref().and_then(|host| host.ssh.as_deref()).unwrap_or("host");
            let host = Reached::over_ssh("host", alias, &provided.ssh_config, folder.path()).await?;
            let machine = host.machine.clone();
            reached.push(host);
            Some(machine)
        }
        HostWay::Namespaces | HostWay::Nowhere => None,
    };
    Ok(Some(provider::preflight(topology, host.as_ref(), &nodes).await?))
}

/// udev makes a macvlan's MAC address from the machine's id and the interface's name (systemd.link(5)).
async fn equal_machine_ids(nodes: &[Machine]) -> Result<Vec<String>, KeeperError> {
    let mut ids = BTreeSet::new();
    for node in nodes {
        ids.insert(node.run(&Script::new().step("cat /etc/machine-id")).await?.stdout);
    }
    let told = "the machines have one machine-id: udev may give their macvlan interfaces one MAC address";
    Ok(if ids.len() < nodes.len() { vec![told.to_owned()] } else { Vec::new() })
}
