//! All that a lab is made of, from nothing to what can be lent.

use camino::Utf8Path;
use tokio::task::JoinSet;

use super::{
    KeepOptions, KeeperError,
    connect::Connected,
    guard::Guard,
    leases::Lendable,
    masters::Master,
    pristine::{Pristine, watched},
    survey::survey,
};
use crate::{
    lab::{Event, Grant, Wanted},
    machine::Machine,
    provider::{self, Places, Provided, Provider},
    topology::Topology,
};

/// The processes of a lab: they end when this is dropped.
pub(super) struct Held {
    processes: JoinSet<String>,
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
            processes.spawn(async move { format!("the guard on {} is gone", guard.until_gone().await) });
        }
        Self { processes }
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
    let places = Places { directory, run: &options.run, ssh_config: options.ssh_config.as_deref() };
    let provided = provider::bring_up(options.provider, &topology, &places, tell).await?;
    let mut connected = Connected::to(&topology, &provided, tell).await?;
    let guards =
        if options.provider.is_hermetic() { Vec::new() } else { post_guards(&connected, options).await? };
    let cautions = settle(options.provider, &topology, &connected, tell).await?;
    let mut facts = survey(options.provider, &provided.machines, &topology, &mut connected).await?;
    facts.cautions = cautions;
    let Connected { host, nodes, masters, ssh_connections } = connected;
    if !options.provider.owns_nodes() {
        facts.ssh_connections = ssh_connections;
    }
    let machines = watched(&topology, host.as_ref(), &nodes, options.provider.is_hermetic());
    let pristine = Pristine::sweep_and_read(&machines).await?;
    let with_sudo = nodes.iter().chain(&host).filter(|machine| machine.uses_sudo());
    let sudo = with_sudo.map(|machine| machine.name().to_owned()).collect();
    let grant = Grant { keeper, number: 0, host: provided.host, sudo, facts };
    let wanted = Wanted::here(&topology, options.ssh_config.as_deref());
    Ok((Held::new(provided, masters, guards), Lendable::new(grant, wanted, machines, pristine)))
}

/// Machines that outlive the lab are had by one run at a time, and swept when it is gone.
async fn post_guards(connected: &Connected, options: &KeepOptions) -> Result<Vec<Guard>, KeeperError> {
    let machine = rustix::system::uname();
    let holder = format!(
        "another run has it: the keeper with process id {} on {}, folder {}",
        std::process::id(),
        machine.nodename().to_string_lossy(),
        options.run
    );
    let machines = connected.nodes.iter().chain(&connected.host);
    futures_util::future::try_join_all(machines.map(|machine| Guard::post(machine, &holder))).await
}

/// Makes machines that were made for a lab what pictures depend on, and only looks at others: what
/// there makes a result unreliable is returned.
async fn settle(
    provider: Provider,
    topology: &Topology,
    connected: &Connected,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Vec<String>, KeeperError> {
    if !provider.owns_nodes() {
        tell(Event::new("looking at the machines, before anything is changed"));
        let cautions = provider::preflight(topology, connected.host.as_ref(), &connected.nodes).await?;
        cautions.iter().for_each(|caution| tell(Event::new(format!("note: {caution}"))));
        return Ok(cautions);
    }
    if !provider.is_hermetic() {
        let on_node = |(machine, uplink): (&Machine, String)| {
            let machine = machine.clone();
            async move { machine.run(&provider::pinned_settings(&uplink, false)).await.map(drop) }
        };
        let uplinks = topology.nodes.iter().map(|node| node.uplink.clone());
        futures_util::future::try_join_all(connected.nodes.iter().zip(uplinks).map(on_node)).await?;
        if let (Some(host), Some(described)) = (&connected.host, &topology.host) {
            let ports = topology.nodes.iter().map(|node| node.port.as_str());
            let interfaces: Vec<&str> = ports.chain([described.bridge.as_str()]).collect();
            // libvirt's own description of a network has no word for the last.
            let quiet = format!("ip link set {} type bridge stp_state 0 mcast_snooping 0", described.bridge);
            host.run(&provider::pinned_interfaces(&interfaces).step(quiet)).await?;
        }
    }
    Ok(Vec::new())
}
