//! A lab's machines, as a scenario or a diagnosis uses them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Endpoint, Facts, Grant, LabError, Settings, outside};
use crate::{
    machine::{Machine, Record},
    provider::HostWay,
    stimulus::Stimuli,
    topology::{Container, Topology},
};

/// The machines of a lab, and the folder that gets the evidence of what is done with them.
#[derive(Clone, Debug)]
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
}

impl Lab {
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
        }
    }

    /// What a keeper lends.
    pub(super) fn granted(settings: &Settings, folder: Utf8PathBuf, grant: Grant) -> Result<Self, LabError> {
        let (host, nodes) = machines(&settings.topology, &grant)?;
        let scenario = folder.file_name().unwrap_or_default();
        let is_armed =
            grant.facts.provider.owns_nodes() || settings.armed.iter().any(|name| name == scenario);
        Ok(Self {
            host,
            nodes,
            is_armed,
            topology: as_reached(settings.topology.clone(), grant.host),
            facts: grant.facts,
            keeper: grant.keeper,
            number: grant.number,
            folder,
            stimuli: Stimuli::default(),
            namespaces: BTreeMap::new(),
        })
    }

    /// The same machines with another folder, for something that is done beside what the scenario does.
    pub(crate) fn aside(&self, folder: Utf8PathBuf) -> Self {
        Self { folder, stimuli: Stimuli::default(), ..self.clone() }
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

    /// The number of this lease of the lab, from 1.
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

    /// How often this scenario has waited for each node ([`Machine::round_trips`]). What the keeper undoes between scenarios
    /// is one more.
    pub fn round_trips(&self) -> BTreeMap<&str, u32> {
        self.nodes.iter().map(|(name, machine)| (name.as_str(), machine.round_trips())).collect()
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
fn machines(
    topology: &Topology,
    grant: &Grant,
) -> Result<(Option<Machine>, BTreeMap<String, Machine>), LabError> {
    let patience = grant.facts.patience;
    // The files of a lab that lives in namespaces are in a memory of its own: seen through its keeper.
    let sockets = Utf8PathBuf::from(format!("/proc/{}/cwd", grant.keeper));
    let has_login_sh = grant.facts.provider.has_login_sh();
    let over_ssh = |name: &str| {
        let machine = Machine::over_ssh(name, &sockets.join(format!("{name}.mux")), patience);
        if has_login_sh { machine.with_login_sh() } else { machine }
    };
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
