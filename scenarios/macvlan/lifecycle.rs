//! What becomes of a container's interface when it goes down, or what it depends on goes away.

use harness::{lab::Lab, machine::Script};
use rstest::rstest;

use crate::common::{
    REPLY_DEADLINE, assert_reached_as, counted, hasten, lab, lab_with, make_parent, set_up_on, until,
    until_it_has_a_carrier,
};

/// An interface that comes up again has its address and the route to its LAN, and no other route: who has a gateway must be
/// given it again.
#[tokio::test]
async fn down_and_up_again_keeps_the_address_and_loses_the_default_route() -> miette::Result<()> {
    let lab = lab("down_and_up_again").await?;
    let containers = lab.set_up().await?;
    let (docker1, interface) = (lab.endpoint("docker1")?, lab.interface("docker1")?);
    let gateway = lab.topology().address("docker2").expect("the topology has docker2").addr();
    docker1.run(&format!("ip route add default via {gateway}")).await?;
    docker1.run(&format!("ip link set {interface} down")).await?;
    docker1.run(&format!("ip link set {interface} up")).await?;
    until_it_has_a_carrier(&lab, "docker1").await?;

    let routes = docker1.run("ip -4 route show").await?.stdout;
    assert!(!routes.contains("default"), "{routes}");
    assert_eq!(routes.lines().count(), 1, "{routes}");
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// A namespace takes its interface with it: nothing is left on the parent, whose promiscuity, if it needed that, is over too.
#[tokio::test]
async fn a_namespaces_end_ends_its_interface() -> miette::Result<()> {
    let lab = lab("namespace_deleted").await?;
    let node = lab.endpoint("node-1")?;
    let before = lab.uplink("node-1").await?.promiscuity;
    lab.set_up_only(&["docker1"]).await?;
    node.run("ip netns del docker1").await?;
    // The kernel takes namespaces apart in its own time (`cleanup_net`).
    let uplink = lab.interface("node-1")?;
    let show = format!("ip -d link show dev {uplink}");
    let is_over = |shown: &str| shown.contains(&format!("promiscuity {before} "));
    until(&node, &show, "the parent to be as it was before", is_over).await?;
    // The name and the address are free again.
    let containers = lab.set_up().await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// A child has its parent's carrier: it is up without it, and of use once the cable is in.
#[tokio::test]
async fn a_child_has_its_parents_carrier() -> miette::Result<()> {
    let lab = lab("no_carrier").await?;
    lab.set_up().await?;
    make_orphan_to_be(&lab, "").await?;
    let node = lab.endpoint("node-1")?;
    let show = "ip -o link show dev orphan";
    node.run("ip -b - <<'END'\nlink set parent up\nlink set orphan up\nEND").await?;
    let unplugged = |shown: &str| shown.contains("NO-CARRIER") && shown.contains("state LOWERLAYERDOWN");
    until(&node, show, "a child without a carrier", unplugged).await?;
    node.run("ip link set cable up").await?;
    until(&node, show, "the carrier", |shown| shown.contains("LOWER_UP") && shown.contains("state UP"))
        .await?;
    lab.is_judged();
    Ok(())
}

/// Siblings meet on their parent without a frame on any cable, and yet not while it is down or has no carrier: the kernel drops
/// what they send at their own interface (`noop_enqueue`, net/sched/sch_generic.c), and later kernels count it as dropped.
#[rstest]
#[case::a_parent_that_is_down("siblings_parent_down", "parent")]
#[case::a_parent_without_a_carrier("siblings_no_carrier", "cable")]
#[tokio::test]
async fn siblings_do_not_meet_on(#[case] name: &str, #[case] end: &str) -> miette::Result<()> {
    let lab = lab_with(&["docker1", "docker3"], name).await?;
    make_parent(&lab).await?;
    let (node, docker1) = (lab.endpoint("node-1")?, lab.endpoint("docker1")?);
    node.run("ip -b - <<'END'\nlink set parent up\nlink set cable up\nEND").await?;
    set_up_on(&lab, Some("parent"), "mode bridge").await?;
    hasten(&lab, "docker1").await?;
    let ping = lab.ping("docker1", "docker3")?.within(REPLY_DEADLINE);

    node.run(&format!("ip link set {end} down")).await?;
    let show = format!("ip -o link show dev {}", lab.interface("docker1")?);
    until(&docker1, &show, "the carrier's loss", |shown| !shown.contains("state UP")).await?;
    let before = sent_and_received(&lab).await?;
    let lost = ping.send().await?;
    let after = sent_and_received(&lab).await?;

    assert!(lost.output.contains("Destination Host Unreachable"), "{}", lost.output);
    assert_eq!(before, after, "the frames that docker1 has sent and docker3 received");
    node.run(&format!("ip link set {end} up")).await?;
    until_it_has_a_carrier(&lab, "docker1").await?;
    until_it_has_a_carrier(&lab, "docker3").await?;
    let found = ping.send().await?;
    assert!(found.is_answered(), "{}", found.output);
    lab.is_judged();
    Ok(())
}

/// How many frames docker1 has sent, and docker3 received.
async fn sent_and_received(lab: &Lab) -> miette::Result<[u64; 2]> {
    let sent = counted(lab, "docker1", lab.interface("docker1")?).await?.tx;
    let received = counted(lab, "docker3", lab.interface("docker3")?).await?.rx;
    Ok([sent.packets, received.packets])
}

/// Whoever removes a parent removes its children, wherever they are.
#[rstest]
#[case::in_the_nodes_own_namespace("parent_removed", "")]
#[case::in_a_container("parent_removed_container", "-n docker1")]
#[tokio::test]
async fn a_parent_takes_its_children_along(#[case] name: &str, #[case] within: &str) -> miette::Result<()> {
    let lab = lab(name).await?;
    lab.set_up().await?;
    make_orphan_to_be(&lab, within).await?;
    let node = lab.endpoint("node-1")?;
    node.run("ip link del parent").await?;
    let gone = |shown: &str| !shown.contains("orphan");
    until(&node, &format!("ip {within} -o link show"), "the child to be gone", gone).await?;
    lab.is_judged();
    Ok(())
}

/// A child of a parent of the scenario's own.
async fn make_orphan_to_be(lab: &Lab, within: &str) -> miette::Result<()> {
    make_parent(lab).await?;
    let r#move = if within.is_empty() { "true" } else { "ip link set orphan netns docker1" };
    let script = Script::new().step("ip link add orphan link parent type macvlan mode bridge").step(r#move);
    lab.machine("node-1")?.run(&script).await?;
    Ok(())
}
