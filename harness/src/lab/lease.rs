//! A lab as it is lent to a scenario.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    Endpoint, Event, Facts, FromKeeper, Grant, LabError, Settings,
    conversation::{Connection, ask},
    keeper_name, outside,
    protocol::{Request, Wanted},
    run_folder,
    runner::Runner,
    start_keeper::{Keeper, KeeperSought, find},
};
use crate::{
    machine::{Machine, Record},
    provider::HostWay,
    stimulus::Stimuli,
    topology::{Container, Topology},
};

/// A leased lab. Dropping it, or this process's death, ends the lease; the keeper then undoes what
/// the scenario changed.
#[derive(Debug)]
pub struct Lab {
    topology: Topology,
    facts: Facts,
    keeper: u32,
    number: u32,
    folder: Utf8PathBuf,
    is_armed: bool,
    host: Option<Machine>,
    nodes: BTreeMap<String, Machine>,
    stimuli: Stimuli,
    /// The containers' namespaces by their paths, where they are not entered by name.
    namespaces: BTreeMap<String, Utf8PathBuf>,
    /// None of a lab that is only looked at.
    _lease: Option<Connection>,
}

impl Lab {
    /// Waits for the lab: the one that `lab up` holds, if that is what is wanted, or the run's own,
    /// starting it if this is the run's first scenario. `tell` hears which, and how it comes up.
    ///
    /// # Errors
    /// Where the lab can't be had, with the reason.
    pub async fn lease(settings: &Settings, scenario: &str, tell: impl Fn(&Event)) -> Result<Self, LabError> {
        let runner = Runner::of_this_process().map_err(LabError::keeper("identify the test runner"))?;
        let run = run_folder::of(&runner, settings)?;
        let is_first = run_folder::make(&run)?;
        let request = Request::Lease {
            scenario: scenario.to_owned(),
            wanted: Box::new(Wanted::here(&settings.topology, settings.ssh_config.as_deref())),
        };
        let (grant, lease) = match adopt(settings, &request, is_first, &tell).await? {
            Some(adopted) => adopted,
            None => lease_own(settings, &runner, &run, &request, &tell).await?,
        };
        let mut lab =
            Self::from_grant(settings, run_folder::make_for_scenario(&run, scenario)?, grant, Some(lease))?;
        lab.is_armed = lab.facts.provider.owns_nodes() || settings.armed.iter().any(|name| name == scenario);
        Ok(lab)
    }

    pub(super) fn from_grant(
        settings: &Settings,
        folder: Utf8PathBuf,
        grant: Grant,
        lease: Option<Connection>,
    ) -> Result<Self, LabError> {
        let (host, nodes) = machines(&settings.topology, &grant)?;
        Ok(Self {
            host,
            nodes,
            topology: as_reached(settings.topology.clone(), grant.host),
            facts: grant.facts,
            keeper: grant.keeper,
            number: grant.number,
            folder,
            is_armed: false,
            stimuli: Stimuli::default(),
            namespaces: BTreeMap::new(),
            _lease: lease,
        })
    }

    /// Machines that this process has reached itself, to be looked at: nothing undoes a change there.
    pub(crate) fn looked_at(
        topology: Topology,
        facts: Facts,
        folder: Utf8PathBuf,
        nodes: BTreeMap<String, Machine>,
        namespaces: BTreeMap<String, Utf8PathBuf>,
    ) -> Self {
        Self {
            topology,
            facts,
            keeper: std::process::id(),
            number: 0,
            folder,
            is_armed: false,
            host: None,
            nodes,
            stimuli: Stimuli::default(),
            namespaces,
            _lease: None,
        }
    }

    /// Reaches a node over another connection from now on.
    pub(super) fn go_over(&mut self, control_socket: &str, node: &str) {
        if let Some(machine) = self.nodes.remove(node) {
            self.nodes.insert(node.to_owned(), machine.over(control_socket.into()));
        }
    }

    /// Puts containers of the scenario's own choice in place of the topology's: they are what
    /// [`set_up`](Self::set_up) makes, and what is captured and judged.
    pub fn replace_containers(&mut self, containers: Vec<Container>) {
        self.topology.containers = containers;
    }

    /// The path of a container's namespace, where it is not entered by name.
    pub(crate) fn namespace(&self, container: &str) -> Option<&Utf8Path> {
        self.namespaces.get(container).map(Utf8PathBuf::as_path)
    }

    /// What the lab is made of.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// What is known about its machines.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The process that holds the lab. Where the lab lives in namespaces, they are the host's.
    pub fn keeper(&self) -> u32 {
        self.keeper
    }

    /// An `ssh_config` for the nodes of a lab in namespaces that works from outside them.
    ///
    /// # Errors
    /// Where the keeper's own can't be read.
    pub fn ssh_config(&self) -> Result<String, LabError> {
        outside::ssh_config(self.keeper, &self.topology)
            .map_err(LabError::keeper("read the lab's own ssh_config"))
    }

    /// The lease's number in this run, from 1.
    pub fn lease_number(&self) -> u32 {
        self.number
    }

    /// Where this scenario's evidence is kept.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// What was sent so far.
    pub(crate) fn stimuli(&self) -> &Stimuli {
        &self.stimuli
    }

    /// Asks leave to do to the nodes what would hurt their other users. Nodes that were made for the lab
    /// have none.
    ///
    /// # Errors
    /// [`LabError::Hazardous`], unless `LAB_ARM` names the scenario.
    pub fn may(&self, hazard: &str) -> Result<(), LabError> {
        if self.is_armed {
            return Ok(());
        }
        let scenario = self.folder.file_name().unwrap_or_default().to_owned();
        Err(LabError::Hazardous { scenario, hazard: hazard.to_owned() })
    }

    /// A node, or `host`.
    ///
    /// # Errors
    /// Where the topology has no such machine.
    pub fn machine(&self, name: &str) -> Result<&Machine, LabError> {
        match name {
            "host" => self.host.as_ref().ok_or(LabError::NoHost),
            _ => self
                .nodes
                .get(name)
                .ok_or_else(|| LabError::Unknown { kind: "machine", name: name.to_owned() }),
        }
    }

    /// The interface that an endpoint has on the LAN.
    ///
    /// # Errors
    /// Where the topology has no such endpoint.
    pub fn interface(&self, endpoint: &str) -> Result<&str, LabError> {
        self.topology
            .interface(endpoint)
            .ok_or_else(|| LabError::Unknown { kind: "endpoint", name: endpoint.to_owned() })
    }

    /// The host, a node's root namespace or a container, by its name.
    ///
    /// # Errors
    /// Where the topology has no such endpoint.
    pub fn endpoint(&self, name: &str) -> Result<Endpoint<'_>, LabError> {
        match self.topology.container(name) {
            Some(container) => {
                let machine = self.machine(&container.node)?;
                Ok(match self.namespace(name) {
                    Some(path) => Endpoint::namespace(machine, path),
                    None => Endpoint::container(machine, &container.name),
                })
            }
            None => Ok(Endpoint::root(self.machine(name)?)),
        }
    }
}

/// A host that can't be reached is none.
fn as_reached(topology: Topology, host: HostWay) -> Topology {
    if host == HostWay::Nowhere { topology.without_host() } else { topology }
}

/// The way to a lab's machines.
pub(super) fn machines(
    topology: &Topology,
    grant: &Grant,
) -> Result<(Option<Machine>, BTreeMap<String, Machine>), LabError> {
    let patience = grant.facts.patience;
    // The files of a lab that lives in namespaces are in a memory of its own: seen through its keeper.
    let sockets = Utf8PathBuf::from(format!("/proc/{}/cwd", grant.keeper));
    let over_ssh = |name: &str| Machine::over_ssh(name, &sockets.join(format!("{name}.mux")), patience);
    let record = grant.run.as_deref().map(Record::of_run).unwrap_or_default();
    let as_root = |machine: Machine| {
        let machine = machine.with_record(record.clone());
        if grant.sudo.iter().any(|name| name == machine.name()) { machine.with_sudo() } else { machine }
    };
    let host = match &grant.host {
        HostWay::Namespaces => Some(
            Machine::in_namespaces("host", grant.keeper, patience)
                .map_err(LabError::keeper("open the host's namespaces"))?,
        ),
        HostWay::Here => Some(Machine::here("host", patience)),
        HostWay::Ssh => Some(over_ssh("host")),
        HostWay::Nowhere => None,
    };
    let nodes = topology.nodes.iter().map(|node| (node.name.clone(), as_root(over_ssh(&node.name))));
    Ok((host.map(as_root), nodes.collect()))
}

/// Leases the lab that `lab up` holds, if there is one and it is what is wanted.
async fn adopt(
    settings: &Settings,
    request: &Request,
    is_first: bool,
    tell: &impl Fn(&Event),
) -> Result<Option<(Grant, Connection)>, LabError> {
    let address =
        keeper_name::standing(&settings.into()).map_err(LabError::keeper("name the keeper's socket"))?;
    let Some(stream) = find(&address)? else { return Ok(None) };
    let answer = ask(stream, request, tell).await.map_err(LabError::keeper("speak to the lab's keeper"))?;
    let once = |text: String| {
        if is_first {
            tell(&Event::new(text));
        }
    };
    match answer {
        Some((FromKeeper::Granted(grant), lease)) => {
            once("using the lab that `lab up` brought up".to_owned());
            Ok(Some((*grant, lease)))
        }
        Some((FromKeeper::Differs(why), _)) => {
            once(format!("the lab that `lab up` brought up is not used: {why}"));
            Ok(None)
        }
        Some((FromKeeper::Replaced(why), _)) => {
            tell(&Event::new(format!("the lab that `lab up` brought up has ended: {why}")));
            Ok(None)
        }
        Some((other, _)) => {
            once(format!("the lab that `lab up` brought up is not used: {}", LabError::refused(other, None)));
            Ok(None)
        }
        None => Ok(None),
    }
}

/// Leases the run's own lab.
async fn lease_own(
    settings: &Settings,
    runner: &Runner,
    run: &Utf8Path,
    request: &Request,
    tell: &impl Fn(&Event),
) -> Result<(Grant, Connection), LabError> {
    let sought = KeeperSought {
        settings,
        address: keeper_name::of_run(runner, settings)
            .map_err(LabError::keeper("name the keeper's socket"))?,
        folder: run.to_owned(),
        runner: Some(runner.watch().map_err(LabError::keeper("watch the test runner"))?),
    };
    loop {
        let (keeper, stream) = sought.find_or_start()?;
        let progress = |event: &Event| {
            if keeper == Keeper::StartedHere {
                tell(event);
            }
        };
        let answer = ask(stream, request, progress).await;
        match answer.map_err(LabError::keeper("speak to the lab's keeper"))? {
            Some((FromKeeper::Granted(grant), lease)) => return Ok((*grant, lease)),
            Some((FromKeeper::Replaced(why), _)) => tell(&Event::new(format!("the lab is replaced: {why}"))),
            // Another's keeper may have ended between our connecting and its listening to us.
            None if keeper == Keeper::Found => {}
            Some((other, _)) => return Err(LabError::refused(other, Some(&sought.log()))),
            None => return Err(LabError::KeeperEnded { tail: sought.last_words(), log: sought.log() }),
        }
    }
}
