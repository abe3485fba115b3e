//! What killed runs have left on machines that outlive them.

use camino::Utf8Path;

use super::{KeeperError, guard::Guard, held::run_name, reached::Reached, rights::as_root};
use crate::{
    lab::{Event, Settings},
    machine::{Machine, Patience, Record},
    provider::{HostWay, Places, Provided, find_machines},
};

/// What was found on a machine.
#[derive(Debug)]
pub struct Swept {
    /// The machine.
    pub machine: String,
    /// The lines that undid what runs had left there, the newest first; or why nothing was done: a run that lives has it.
    pub undone: Result<Vec<String>, KeeperError>,
}

/// Undoes on each machine what runs have recorded there that are gone, as the next run would. `folder` takes the
/// connections' sockets, and its path is to be short (unix(7)). Nothing at all where the lab's machines end with
/// it, or are not up.
///
/// # Errors
/// Machines that can't be reached.
pub async fn sweep(
    settings: &Settings,
    folder: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Vec<Swept>, KeeperError> {
    let Settings { provider, topology, ssh_config, .. } = settings;
    let places = Places::to_look_from(folder, ssh_config.as_deref());
    let Some(provided) = find_machines(*provider, topology, &places).await? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for node in &topology.nodes {
        tell(Event::new(format!("{}: looking", node.name)));
        let reached = Reached::over_ssh(&node.name, &node.ssh, &provided.ssh_config, folder).await?;
        all.push(sweep_machine(&reached.machine).await?);
    }
    if let Some(host) = host(settings, &provided, folder).await? {
        all.push(host);
    }
    Ok(all)
}

async fn host(
    settings: &Settings,
    provided: &Provided,
    folder: &Utf8Path,
) -> Result<Option<Swept>, KeeperError> {
    match provided.host {
        HostWay::Here => {
            let host = as_root(Machine::here("host", Patience::UNMEASURED)).await?;
            sweep_machine(&host).await.map(Some)
        }
        HostWay::Ssh => {
            let named = settings.topology.host.as_ref().and_then(|host| host.ssh.as_deref());
            let alias = provided.host_alias.as_deref().or(named).unwrap_or("host");
            let reached = Reached::over_ssh("host", alias, &provided.ssh_config, folder).await?;
            sweep_machine(&reached.machine).await.map(Some)
        }
        HostWay::Namespaces | HostWay::Nowhere => Ok(None),
    }
}

/// A guard sweeps when it is posted, and is refused where a run that lives has the machine.
async fn sweep_machine(machine: &Machine) -> Result<Swept, KeeperError> {
    let left = machine.run(&Record::left()).await?.stdout;
    let left: Vec<String> = left.lines().map(str::to_owned).collect();
    let undone = if left.is_empty() {
        Ok(left)
    } else {
        match Guard::post(machine, &run_name(), "`lab sweep` has it").await {
            Ok(guard) => {
                guard.relieve().await;
                Ok(left)
            }
            Err(error) => Err(error),
        }
    };
    Ok(Swept { machine: machine.name().to_owned(), undone })
}
