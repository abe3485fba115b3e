//! Links that are down.

use rstest::rstest;

use super::trial::{Change, NOTHING, assert_fault, try_out};

const DOWN: &str = "ip link set macvlan1 down";

#[rstest]
#[case::the_askers_child("asker-down", ("docker1", DOWN, NOTHING), None, "docker1/macvlan1", "child-down")]
#[case::the_askers_parent(
    "askers-parent-down",
    ("node-1", "ip link set ens33 down", "ip link set ens33 up"),
    None,
    "docker1/macvlan1",
    "link-down"
)]
#[case::the_askers_port(
    "askers-port-down",
    ("host", "ip link set port-node-1 down", "ip link set port-node-1 up"),
    None,
    "docker1/macvlan1",
    "link-down"
)]
#[case::the_port(
    "port-down",
    ("host", "ip link set port-node-2 down", "ip link set port-node-2 up"),
    Some("host/port-node-1"),
    "host/port-node-2",
    "link-down"
)]
#[case::the_parent(
    "parent-down",
    ("node-2", "ip link set ens33 down", "ip link set ens33 up"),
    Some("host/port-node-1"),
    "host/port-node-2",
    "link-down"
)]
#[case::the_child("child-down", ("docker2", DOWN, NOTHING), Some("node-2/ens33"), "docker2/macvlan1", "child-down")]
#[tokio::test]
async fn nothing_passes_a_link_that_is_down(
    #[case] name: &str,
    #[case] change: Change,
    #[case] last_seen: Option<&str>,
    #[case] missing_at: &str,
    #[case] cause: &str,
) -> miette::Result<()> {
    let found = try_out(name, "docker1:docker2", &[change]).await?;
    assert_fault(&found, last_seen, Some(missing_at), cause);
    Ok(())
}
