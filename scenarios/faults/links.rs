//! Links that are down.

use rstest::rstest;

use super::trial::{Change, NOTHING, assert_fault, try_out};

const DOWN: &str = "ip link set macvlan1 down";

/// The last point that saw the frame, and the first that missed it.
type Place = (Option<&'static str>, &'static str);
const AT_THE_ASKER: Place = (None, "docker1/macvlan1");
const BETWEEN_THE_PORTS: Place = (Some("host/port-node-1"), "host/port-node-2");

const PARENT_DOWN: Change = ("node-1", "ip link set ens33 down", "ip link set ens33 up");
const PORT_DOWN: Change = ("host", "ip link set port-node-1 down", "ip link set port-node-1 up");

/// Siblings meet on their parent, and on nothing without it. Where that keeps its carrier, their broadcasts are handed on all the
/// same, and only what is for one of them goes by it (`macvlan_queue_xmit`, drivers/net/macvlan.c): the reply.
#[tokio::test]
async fn siblings_do_not_meet_on_a_parent_that_is_down() -> miette::Result<()> {
    let with_a_card = (Some("docker3/macvlan1"), "node-1/ens33");
    assert_cut("siblings-parent-down", "docker1:docker3", PARENT_DOWN, AT_THE_ASKER, with_a_card, "link-down")
        .await
}

#[tokio::test]
#[ignore = "needs namespaces: an uplink whose carrier goes with the switch's port"]
async fn siblings_do_not_meet_on_a_parent_without_a_carrier() -> miette::Result<()> {
    let found = try_out("siblings-no-carrier", "docker1:docker3", &[PORT_DOWN]).await?;
    assert_fault(&found, None, Some("docker1/macvlan1"), "link-down");
    Ok(())
}

#[rstest]
#[case::the_askers_child("asker-down", ("docker1", DOWN, NOTHING), AT_THE_ASKER, AT_THE_ASKER, "child-down")]
#[case::the_askers_parent(
    "askers-parent-down",
    PARENT_DOWN,
    AT_THE_ASKER,
    (Some("docker1/macvlan1"), "node-1/ens33"),
    "link-down"
)]
#[case::the_askers_port(
    "askers-port-down",
    PORT_DOWN,
    AT_THE_ASKER,
    (Some("node-1/ens33"), "host/port-node-1"),
    "link-down"
)]
#[case::the_port(
    "port-down",
    ("host", "ip link set port-node-2 down", "ip link set port-node-2 up"),
    BETWEEN_THE_PORTS,
    BETWEEN_THE_PORTS,
    "link-down"
)]
#[case::the_parent(
    "parent-down",
    ("node-2", "ip link set ens33 down", "ip link set ens33 up"),
    BETWEEN_THE_PORTS,
    (Some("host/port-node-2"), "node-2/ens33"),
    "link-down"
)]
#[case::the_child(
    "child-down",
    ("docker2", DOWN, NOTHING),
    (Some("node-2/ens33"), "docker2/macvlan1"),
    (Some("node-2/ens33"), "docker2/macvlan1"),
    "child-down"
)]
#[tokio::test]
async fn nothing_passes_a_link_that_is_down(
    #[case] name: &str,
    #[case] change: Change,
    #[case] with_veth: Place,
    #[case] with_a_card: Place,
    #[case] cause: &str,
) -> miette::Result<()> {
    assert_cut(name, "docker1:docker2", change, with_veth, with_a_card, cause).await
}

/// Asserts where a link that is down keeps a probe. A veth that is down takes its peer's carrier, and so a child's; a virtual
/// machine's card keeps it, and sends into nothing.
async fn assert_cut(
    name: &str,
    probe: &str,
    change: Change,
    with_veth: Place,
    with_a_card: Place,
    cause: &str,
) -> miette::Result<()> {
    let found = try_out(name, probe, &[change]).await?;
    let is_veth = found.lab.uplink("node-1").await?.linkinfo.info_kind == "veth";
    let (last_seen, missing_at) = if is_veth { with_veth } else { with_a_card };
    assert_fault(&found, last_seen, Some(missing_at), cause);
    Ok(())
}
