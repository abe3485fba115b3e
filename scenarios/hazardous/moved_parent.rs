//! A parent that goes to another network namespace, and comes back.

use harness::lab::{Lab, Need};

use crate::common::{
    LeasedLab, assert_fails_by, assert_reached_as, assert_unreached, lab, until, until_it_has_a_carrier,
};

/// A parent takes no child along and loses none (`macvlan_device_event` waits for a device's end, not for its move): a child
/// works wherever its parent is up.
#[tokio::test]
async fn a_parent_in_another_namespace_keeps_its_child() -> miette::Result<()> {
    let lab = lab("parent_moved").await?;
    let containers = lab.set_up().await?;
    let filters = lab.uplink("node-1").await?.promiscuity == 0;

    move_elsewhere(&lab).await?;
    let uplink = lab.interface("node-1")?;
    lab.endpoint("node-1")?.run(&format!("ip -n elsewhere link set {uplink} up")).await?;
    until_it_has_a_carrier(&lab, "docker1").await?;
    let deaf = lab.ping("docker1", "host")?.send().await?;
    assert_eq!(deaf.is_answered(), !filters, "{}", deaf.output);
    wake(&lab).await?;
    let woken = lab.ping("docker1", "host")?.send().await?;
    assert!(woken.is_answered(), "{}", woken.output);

    come_back(&lab, &format!("ip -n elsewhere link set {uplink} netns $$")).await?;
    wake(&lab).await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// A move empties a card's list of addresses (`__dev_change_net_namespace`, net/core/dev.c), and nobody tells its children: up,
/// with a carrier and an address, they are deaf to what is for them alone, until they are set down and up.
#[tokio::test]
#[ignore = "needs a VM lab: a card, which outlives its namespace and filters"]
async fn a_card_that_a_deleted_namespace_gives_back_has_forgotten_its_children() -> miette::Result<()> {
    let lab = lab("parent_given_back").await?;
    lab.needs(Need::Card).await?;
    let containers = lab.set_up().await?;

    move_elsewhere(&lab).await?;
    come_back(&lab, "ip netns del elsewhere").await?;
    assert_unreached(&lab, &containers, "docker1", "docker2").await?;
    assert_fails_by(&lab, "filtered-by-card")?;
    wake(&lab).await?;
    let woken = lab.ping("docker2", "docker1")?.send().await?;
    assert!(woken.is_answered(), "{}", woken.output);
    Ok(())
}

/// Moves node-1's uplink to a namespace of its own, where it is down.
async fn move_elsewhere(lab: &LeasedLab) -> miette::Result<()> {
    lab.may("moves a node's uplink to another namespace, where it loses its settings")?;
    let (node, uplink) = (lab.endpoint("node-1")?, lab.interface("node-1")?);
    node.change("ip netns add elsewhere", "ip netns del elsewhere").await?;
    node.change(&format!("ip link set {uplink} netns elsewhere"), &as_it_was(lab)?).await?;
    Ok(())
}

/// Gets the uplink back, which has lost its address and is down, and gives it what it had.
async fn come_back(lab: &Lab, way: &str) -> miette::Result<()> {
    let (node, uplink) = (lab.endpoint("node-1")?, lab.interface("node-1")?);
    node.run(way).await?;
    // The kernel takes namespaces apart in its own time (`cleanup_net`).
    let is_back =
        |shown: &str| shown.contains(&format!(" {uplink}: ")) || shown.contains(&format!(" {uplink}@"));
    until(&node, "ip -o link show", "the uplink to be back", is_back).await?;
    let shown =
        node.run(&format!("ip -o link show up dev {uplink}; ip -o -4 address show dev {uplink}")).await?;
    assert_eq!(shown.stdout, "", "it comes back down and without its address");
    node.run(&as_it_was(lab)?).await?;
    until_it_has_a_carrier(lab, "docker1").await
}

/// What a move takes from the uplink, but for kernel settings of its own.
fn as_it_was(lab: &Lab) -> miette::Result<String> {
    let uplink = lab.interface("node-1")?;
    let address = lab.topology().address("node-1").expect("the topology has node-1");
    Ok(format!("ip link set {uplink} up && ip address add {address} brd + dev {uplink}"))
}

/// Sets docker1's interface down and up, as whoever looks after it has to.
async fn wake(lab: &Lab) -> miette::Result<()> {
    let interface = lab.interface("docker1")?;
    lab.endpoint("docker1")?
        .run(&format!("ip -b - <<'END'\nlink set {interface} down\nlink set {interface} up\nEND"))
        .await?;
    until_it_has_a_carrier(lab, "docker1").await
}
