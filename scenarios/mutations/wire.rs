//! A wire of our own between the switch's port to a node and the node.

use harness::{lab::Lab, machine::Running};
use miette::{IntoDiagnostic as _, miette};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::{common::until, rule::Rule};

/// Of the interface behind a wire, which nobody speaks to.
const HUB_MAC: &str = "02:00:00:00:00:fa";
const COMMAND: &str = env!("CARGO_BIN_EXE_wire");

/// Puts a wire before a node: the port's name and MAC address are then a TAP's, whose frames the wire passes on to the
/// interface that had them. Both are seen by the same captures as before.
pub async fn put(lab: &Lab, node: &str, rules: &[Rule]) -> miette::Result<Running> {
    let topology = lab.topology();
    let node = topology.node(node).ok_or_else(|| miette!("the topology has no node {node:?}"))?;
    let bridge = &topology.host.as_ref().ok_or_else(|| miette!("a wire needs the host"))?.bridge;
    let (port, far, hub, end) = (
        &node.port,
        format!("far-{}", node.name),
        format!("hub-{}", node.name),
        format!("end-{}", node.name),
    );
    let host = lab.endpoint("host")?;
    let mac = host.run(&format!("cat /sys/class/net/{port}/address")).await?.stdout;
    let mac = mac.trim();
    // The bridge between the two learns nothing: what a forger says of itself must not turn its frames away. Nor may its
    // port have the MAC address that the switch has from its own: it would take the host's frames for its own.
    let make = format!(
        "ip link set {port} nomaster && ip link set {port} name {far} && ip link set {far} address {HUB_MAC} && \
         ip link add {hub} type bridge stp_state 0 forward_delay 0 mcast_snooping 0 && \
         ip link set {far} master {hub} && bridge link set dev {far} learning off && ip link set {hub} up"
    );
    let undo = format!(
        "if [ -e /sys/class/net/{far} ]; then ip link del {port}; ip link del {hub}; \
         ip link set {far} address {mac}; ip link set {far} name {port}; fi; ip link set {port} master {bridge}"
    );
    host.change(&make, &undo).await?;
    let rules = serde_json::to_string(rules).into_diagnostic()?;
    let mut wire = host.start(&format!("'{COMMAND}' {end} {port} '{rules}'")).await?;
    until_ready(&mut wire).await?;
    let join = format!(
        "ip link set {port} address {mac} && ip link set {port} master {bridge} up && \
         ip link set {end} master {hub} up && bridge link set dev {end} learning off"
    );
    host.run(&format!("sh -c '{join}'")).await?;
    let forwards = |printed: &str| printed.lines().filter(|line| line.contains("state forwarding")).count();
    let ports = topology.nodes.len() + 2;
    until(&host, "bridge link", "all ports to forward", |printed| forwards(printed) >= ports).await?;
    Ok(wire)
}

async fn until_ready(wire: &mut Running) -> miette::Result<()> {
    let stdout = wire.take_stdout().ok_or_else(|| miette!("the wire has no output"))?;
    let mut said = String::new();
    BufReader::new(stdout).read_line(&mut said).await.into_diagnostic()?;
    if said.trim_end() == "ready" {
        Ok(())
    } else {
        Err(miette!("the wire did not come up: it said {said:?}"))
    }
}
