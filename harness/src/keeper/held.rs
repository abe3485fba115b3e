//! All that a lab is made of, from nothing to what can be lent.

use std::{mem, time::Instant};

use camino::Utf8Path;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::{
    KeepOptions, KeeperError,
    at_once::at_once,
    connect::Connected,
    guard::Guard,
    leases::Lendable,
    masters::Master,
    pristine::{Pristine, watched, whole_machine},
    standing_containers::StandingContainers,
    survey::{kernel_and_link, survey},
};
use crate::{
    lab::{Event, Grant},
    machine::{Machine, Record, chain},
    provider::{self, FileLock, Places, Provided, Provider, ProviderError, Restored},
    topology::{Node, Topology},
};

/// The processes of a lab: they end when this is dropped.
pub(super) struct Held {
    processes: JoinSet<String>,
    _lock: Option<FileLock>,
}

impl Held {
    fn new(provided: Provided, masters: Vec<Master>, guards: Vec<Guard>) -> Self {
        let mut processes = JoinSet::new();
        for mut child in provided.nodes.into_iter().chain(masters.into_iter().map(|master| master.child)) {
            // Waiting closes a child's standard input, which is what keeps these alive.
            let input = child.stdin.take();
            processes.spawn(async move {
                let status = child.wait().await;
                drop(input);
                tracing::error!(?status, "a node or the ssh connection to it ended");
                "it has lost a node, or the connection to it".to_owned()
            });
        }
        for guard in guards {
            processes.spawn(async move {
                let machine = guard.until_gone().await;
                tracing::error!(machine, "the guard is gone");
                format!("the guard on {machine} is gone")
            });
        }
        Self { processes, _lock: provided.lock }
    }

    /// Returns when a node or the way to it is lost, and says so. The scenario that has the lab then
    /// sees its own commands fail, and the log says why.
    pub(super) async fn until_one_is_lost(&mut self) -> String {
        self.processes.join_next().await.and_then(Result::ok).unwrap_or_default()
    }
}

/// Makes the lab, reaches its machines, and makes sure of them.
pub(super) async fn bring_up(
    options: &KeepOptions,
    directory: &Utf8Path,
    keeper: u32,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<(Held, Lendable), KeeperError> {
    let topology = Topology::load(&options.topology)?;
    let run = run_name();
    let record = if options.provider.is_hermetic() { Record::default() } else { Record::of_run(&run) };
    let start = Instant::now();
    let (mut provided, mut connected) = reach(options, &topology, directory, &record, tell).await?;
    let came_up = provided.came_up.map(|how| format!("{how} in {:.1} s", start.elapsed().as_secs_f32()));
    came_up.iter().for_each(|how| tell(Event::new(format!("the machines are reached, {how}"))));
    let (guards, cautions) = take(options, &topology, &connected, &run, tell).await?;
    let mut facts = survey(options.provider, &provided, &topology, &mut connected).await?;
    facts.cautions = cautions;
    facts.came_up = came_up;
    let Connected { host, nodes, masters, ssh_connections, .. } = connected;
    if !options.provider.owns_nodes() {
        facts.ssh_connections = ssh_connections;
    }
    let machines = watched(&topology, host.as_ref(), &nodes, options.provider);
    let pristine = Pristine::known_or_read(&machines, &provided.saved.answers).await?;
    if let Some(frozen) = provided.saved.frozen.take() {
        frozen.finish(mem::take(&mut provided.saved.answers));
    }
    let with_sudo = nodes.iter().chain(&host).filter(|machine| machine.uses_sudo());
    let sudo = with_sudo.map(|machine| machine.name().to_owned()).collect();
    let run = (!options.provider.is_hermetic()).then_some(run);
    let grant = Grant { keeper, number: 0, host: provided.host, sudo, run, facts };
    let containers = StandingContainers::of(&topology, &nodes);
    Ok((Held::new(provided, masters, guards), Lendable::new(grant, machines, pristine, containers)))
}

/// Makes the lab and connects to its machines. Restored ones that prove not to be as they should are booted instead.
async fn reach(
    options: &KeepOptions,
    topology: &Topology,
    directory: &Utf8Path,
    record: &Record,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<(Provided, Connected), KeeperError> {
    let places = Places {
        directory,
        run: &options.run,
        may_restore: true,
        questions: questions(topology, record),
        ssh_config: options.ssh_config.as_deref(),
    };
    let mut provided = provider::bring_up(options.provider, topology, &places, tell).await?;
    let reached = connect(options.provider, topology, &provided, record, tell).await;
    let connected = match (reached, provided.saved.restored.take()) {
        (Err(error), Some(restored)) => {
            tell(Event::new(format!("the restored machines are put away, others boot: {}", chain(&error))));
            restored
                .discard(topology, provided.nodes)
                .await
                .map_err(KeeperError::io("put restored machines away"))?;
            let places = Places { may_restore: false, ..places };
            provided = provider::bring_up(options.provider, topology, &places, tell).await?;
            Connected::to(options.provider, topology, &provided, record, tell).await?
        }
        (connected, restored) => {
            provided.lock = provided.lock.or(restored.map(Restored::into_lock));
            connected?
        }
    };
    Ok((provided, connected))
}

/// What the nodes will be asked before the lab is lent.
fn questions(topology: &Topology, record: &Record) -> Vec<String> {
    let of_node = |node: &Node| [kernel_and_link(&node.uplink), whole_machine(record, &node.uplink)];
    topology.nodes.iter().flat_map(of_node).map(|script| script.lines()).collect()
}

async fn connect(
    provider: Provider,
    topology: &Topology,
    provided: &Provided,
    record: &Record,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Connected, KeeperError> {
    let mut connected = Connected::to(provider, topology, provided, record, tell).await?;
    if let (Some(restored), Some(host)) = (&provided.saved.restored, &connected.host) {
        connected.round_trip = Some(restored.renew(topology, host, &connected.nodes).await?);
    }
    Ok(connected)
}

/// Makes sure of machines that outlive the lab. What there makes a result unreliable is returned.
async fn take(
    options: &KeepOptions,
    topology: &Topology,
    connected: &Connected,
    run: &str,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<(Vec<Guard>, Vec<String>), KeeperError> {
    if options.provider.is_hermetic() {
        return Ok((Vec::new(), Vec::new()));
    }
    if options.provider.owns_nodes() {
        let guards = post_guards(connected, options, run).await?;
        settle(topology, connected).await?;
        return Ok((guards, Vec::new()));
    }
    tell(Event::new("looking at the machines, before anything is changed"));
    let look = || provider::preflight(topology, connected.host.as_ref(), &connected.nodes);
    let (guards, cautions) = match look().await {
        Ok(cautions) => (post_guards(connected, options, run).await?, cautions),
        // What stands in the way may be what a run has left that was killed: the guards undo it.
        Err(ProviderError::Unfit { is_swept: false, .. }) => {
            (post_guards(connected, options, run).await?, look().await?)
        }
        Err(error) => return Err(error.into()),
    };
    cautions.iter().for_each(|caution| tell(Event::new(format!("note: {caution}"))));
    Ok((guards, cautions))
}

/// Machines that outlive the lab are had by one run at a time, and swept when it is gone.
async fn post_guards(
    connected: &Connected,
    options: &KeepOptions,
    run: &str,
) -> Result<Vec<Guard>, KeeperError> {
    let machine = rustix::system::uname();
    let holder = format!(
        "another run has it: the keeper with process id {} on {}, folder {}",
        std::process::id(),
        machine.nodename().to_string_lossy(),
        options.run
    );
    let machines = connected.nodes.iter().chain(&connected.host);
    at_once(machines.map(|machine| Guard::post(machine, run, &holder))).await
}

/// A name that no other run has on any machine.
pub(super) fn run_name() -> String {
    let machine = rustix::system::uname();
    let name = format!("{:?} {} {}", machine.nodename(), std::process::id(), jiff::Timestamp::now());
    Sha256::digest(name).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Makes machines that were made for a lab, and outlive it, what pictures depend on.
async fn settle(topology: &Topology, connected: &Connected) -> Result<(), KeeperError> {
    let on_node = |(machine, node): (&Machine, &Node)| {
        let (machine, settings) = (machine.clone(), provider::pinned_settings(&node.uplink, false));
        async move { machine.run(&settings).await.map(drop) }
    };
    at_once(connected.nodes.iter().zip(&topology.nodes).map(on_node)).await?;
    if let (Some(host), Some(described)) = (&connected.host, &topology.host) {
        let ports = topology.nodes.iter().map(|node| node.port.as_str());
        let interfaces: Vec<&str> = ports.chain([described.bridge.as_str()]).collect();
        // libvirt's own description of a network has no word for the last.
        let quiet = format!("ip link set {} type bridge stp_state 0 mcast_snooping 0", described.bridge);
        host.run(&provider::pinned_interfaces(&interfaces).step(quiet)).await?;
    }
    Ok(())
}
