//! From two places to a run folder and its verdict.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs, io,
    time::Duration,
};

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    DiagnoseError, Target,
    discover::{Child, Found, discover},
    target::host_name,
};
use crate::{
    capture::CaptureError,
    container::Containers,
    diagnosis::{Case, Judgement, Loss},
    journey::Probe,
    keeper::Reached,
    lab::{Facts, Lab},
    machine::Patience,
    provider::{Provider, write_ssh_config},
    run_folder::RunFolder,
    topology::{Container, Node, Topology},
    transcript::Owners,
};

/// Echo requests follow each other like this.
const INTERVAL: Duration = Duration::from_millis(200);

/// What is to be diagnosed.
#[derive(Clone, Debug)]
pub struct Request {
    /// The two ends.
    pub ends: [Target; 2],
    /// The macvlan interface, where a container has several.
    pub interface: Option<String>,
    /// The file with the nodes' aliases, where it is not the usual ones: a whole path.
    pub ssh_config: Option<Utf8PathBuf>,
    /// How many echo requests are sent each way.
    pub probes: u32,
    /// The folder that gets a folder for this diagnosis.
    pub runs: Utf8PathBuf,
}

/// What was found.
#[derive(Debug)]
pub struct Examination {
    /// The evidence: to be handed to somebody, and read by `lab trace`.
    pub folder: Utf8PathBuf,
    /// What was judged.
    pub case: Case,
    /// The verdict.
    pub judgement: Judgement,
    /// The loss each way.
    pub losses: Vec<Loss>,
}

/// Reaches the nodes, looks, captures, pings each way, and judges. Nothing is changed there.
///
/// # Errors
/// Whatever keeps it from being done; a probe that fails is none.
pub async fn examine(request: &Request) -> Result<Examination, DiagnoseError> {
    let [one, other] = &request.ends;
    if one == other {
        return Err(DiagnoseError::SamePlace(one.alias.clone()));
    }
    if one.namespace.is_none() && other.namespace.is_none() {
        return Err(DiagnoseError::NoContainer);
    }
    let connections = Connections::open(request).await?;
    let lab = connections.lab(request).await?;
    let probes = ends_of(&lab, &request.ends);
    record(&lab, &probes, request.probes).await?;
    let case = RunFolder::open(lab.folder(), None)?.case(None)?;
    let judgement = case.judge();
    let sent = request.probes as usize;
    let losses = probes.iter().map(|probe| Loss::of(probe, sent, &judgement.journeys)).collect();
    Ok(Examination { folder: lab.folder().to_owned(), case, judgement, losses })
}

/// Captures, probes each way, and after a failure what tells causes apart.
async fn record(lab: &Lab, probes: &[Probe], count: u32) -> Result<(), DiagnoseError> {
    let topology = lab.topology();
    let mut owners = Owners::from(topology);
    lab.facts().macs.iter().for_each(|(name, mac)| owners.owns_mac(name, *mac));
    let containers = Containers::found(topology.containers.clone(), owners);
    let captures = lab.capture_everywhere(&containers).await?;
    for probe in probes {
        let ping = lab.ping(&probe.from, &probe.to)?.repeated(count, INTERVAL);
        ping.send().await.map_err(CaptureError::from)?;
    }
    // Of each there is a request and a reply.
    match captures.finish_unmarked(2 * probes.len() * count as usize).await {
        Ok(_) | Err(CaptureError::Inconclusive { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    lab.explain_further().await?;
    Ok(())
}

/// The probes, each way.
fn ends_of(lab: &Lab, targets: &[Target; 2]) -> [Probe; 2] {
    let topology = lab.topology();
    let mut containers = topology.containers.iter();
    let [one, other] = targets.each_ref().map(|target| match target.namespace {
        Some(_) => containers.next().map(|container| container.name.clone()).unwrap_or_default(),
        None => host_name(&target.alias),
    });
    [Probe { from: one.clone(), to: other.clone() }, Probe { from: other, to: one }]
}

/// The nodes, reached; by their names in the topology.
struct Connections {
    nodes: BTreeMap<String, Reached>,
    /// Where the control sockets are: a short path.
    _folder: camino_tempfile::Utf8TempDir,
}

impl Connections {
    async fn open(request: &Request) -> Result<Self, DiagnoseError> {
        let folder = camino_tempfile::tempdir().map_err(cant_write(Utf8Path::new("/tmp")))?;
        let ssh_config = write_ssh_config(folder.path(), request.ssh_config.as_deref())?;
        let mut nodes = BTreeMap::new();
        for Target { alias, .. } in &request.ends {
            let name = host_name(alias);
            if let Entry::Vacant(vacant) = nodes.entry(name.clone()) {
                vacant.insert(Reached::over_ssh(&name, alias, &ssh_config, folder.path()).await?);
            }
        }
        Ok(Self { nodes, _folder: folder })
    }

    /// The machines as what captures and pings know.
    async fn lab(&self, request: &Request) -> Result<Lab, DiagnoseError> {
        let mut topology = Topology { host: None, nodes: Vec::new(), containers: Vec::new() };
        let mut namespaces = BTreeMap::new();
        let mut facts = self.facts();
        let mut lan = None;
        // A node that is an end itself is on the LAN of the other end's container, which is found first.
        let mut targets: Vec<&Target> = request.ends.iter().collect();
        targets.sort_by_key(|target| target.namespace.is_none());
        for target in targets {
            let name = host_name(&target.alias);
            let Some(reached) = self.nodes.get(&name) else { continue };
            let found = discover(&reached.machine, target, request.interface.as_deref(), lan).await?;
            if let Some(child) = &found.child {
                lan = Some(child.address);
                let container = container(target, child, &name, &topology);
                namespaces.insert(container.name.clone(), child.namespace.clone());
                topology.containers.push(container);
            }
            facts.kernels.insert(name.clone(), found.kernel.clone());
            facts.macs.extend(found.uplink.address.map(|mac| (name.clone(), mac)));
            if topology.node(&name).is_none() {
                topology.nodes.push(node(target, name, &found, topology.nodes.len() + 1));
            }
        }
        let order = |node: &Node| request.ends.iter().position(|end| end.alias == node.ssh);
        topology.nodes.sort_by_key(order);
        let nodes = self.nodes.iter().map(|(name, reached)| {
            let mut machine = reached.machine.clone();
            machine.set_patience(facts.patience);
            (name.clone(), machine)
        });
        let nodes = nodes.collect();
        Ok(Lab::looked_at(topology, facts, make_folder(&request.runs)?, nodes, namespaces))
    }

    fn facts(&self) -> Facts {
        let slowest = self.nodes.values().map(|reached| reached.round_trip).max();
        Facts {
            provider: Provider::Ssh,
            machines: "what already runs".to_owned(),
            came_up: None,
            kernels: BTreeMap::new(),
            macs: BTreeMap::new(),
            ssh_connections: self
                .nodes
                .values()
                .filter_map(|reached| reached.ssh_connection.clone())
                .collect(),
            cautions: Vec::new(),
            patience: Patience { round_trip: slowest.unwrap_or_default() },
        }
    }
}

fn node(target: &Target, name: String, found: &Found, number: usize) -> Node {
    Node {
        name,
        ssh: target.alias.clone(),
        uplink: found.uplink.ifname.clone(),
        address: found.address,
        // Nobody sees the switch.
        port: format!("port-{number}"),
    }
}

fn container(target: &Target, child: &Child, node: &str, topology: &Topology) -> Container {
    let name = target.namespace.as_ref().map(|namespace| namespace.host_name()).unwrap_or_default();
    let is_taken = topology.container(&name).is_some() || name == node || topology.node(&name).is_some();
    Container {
        name: if is_taken { format!("{name}-on-{node}") } else { name },
        node: node.to_owned(),
        interface: child.interface.clone(),
        vlan: None,
        mode: child.mode,
        address: child.address,
        mac: child.mac,
        reaches: Vec::new(),
    }
}

fn make_folder(runs: &Utf8Path) -> Result<Utf8PathBuf, DiagnoseError> {
    let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%SZ");
    let folder = runs.join(format!("diagnose-{time}-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(cant_write(&folder))?;
    Ok(folder)
}

fn cant_write(path: &Utf8Path) -> impl FnOnce(io::Error) -> DiagnoseError + use<> {
    let path = path.to_owned();
    move |source| DiagnoseError::Write { path, source }
}
