//! What becomes of a container's interface when it goes down, or what it depends on goes away.

use harness::{lab::Lab, machine::Script};
use rstest::rstest;

use crate::common::{assert_reached_as, lab, make_parent, until, until_it_has_a_carrier};

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
