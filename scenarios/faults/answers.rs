//! Answers that somebody else gives, or gives too.

use super::trial::{Change, NOTHING, assert_fault, try_out};

const SECOND_OWNER: Change = ("docker3", "ip address add 192.168.245.181/24 dev macvlan1", NOTHING);

/// Nearest wins: the sibling, whose answer does not even leave the node.
#[tokio::test]
async fn a_sibling_with_the_address() -> miette::Result<()> {
    let found = try_out("duplicate-ip-sibling", "docker1:docker2", &[SECOND_OWNER]).await?;
    assert_fault(&found, Some("node-1/ens33"), Some("host/port-node-1"), "duplicate-ip");
    Ok(())
}

/// Either may win: the echo goes to the one or to the other.
#[tokio::test]
async fn two_owners_on_two_nodes() -> miette::Result<()> {
    let found = try_out("duplicate-ip", "host:docker2", &[SECOND_OWNER]).await?;
    let missing_at = found.missing_at.clone();
    assert!(matches!(missing_at.as_deref(), None | Some("host/port-node-2")), "{found}");
    assert_fault(&found, Some("host/bridge102"), missing_at.as_deref(), "duplicate-ip");
    Ok(())
}

/// The interface was never moved into its container: its node answers for both of its addresses by both.
#[tokio::test]
async fn an_interface_that_was_left_on_its_node() -> miette::Result<()> {
    let leave = "ip -n docker2 link set macvlan1 netns $$ && ip address add 192.168.245.181/24 dev macvlan1 && \
                 ip link set macvlan1 up";
    let found = try_out("arp-flux", "host:docker2", &[("node-2", leave, "ip link del macvlan1")]).await?;
    assert_fault(&found, Some("host/bridge102"), None, "arp-flux");
    Ok(())
}

#[tokio::test]
async fn a_node_that_answers_for_others() -> miette::Result<()> {
    let proxy = "ip link add aside type veth peer name aside-peer && ip link set aside up && ip link set aside-peer up && \
                 ip route add 192.168.245.181/32 dev aside && echo 1 >/proc/sys/net/ipv4/conf/ens33/forwarding && \
                 echo 1 >/proc/sys/net/ipv4/conf/ens33/proxy_arp && echo 0 >/proc/sys/net/ipv4/neigh/ens33/proxy_delay";
    let undo = "ip link del aside; echo 0 >/proc/sys/net/ipv4/conf/ens33/proxy_arp; \
                echo 0 >/proc/sys/net/ipv4/conf/ens33/forwarding; echo 80 >/proc/sys/net/ipv4/neigh/ens33/proxy_delay";
    let found = try_out("proxied-arp", "host:docker2", &[("node-1", proxy, undo)]).await?;
    let missing_at = found.missing_at.clone();
    assert!(matches!(missing_at.as_deref(), None | Some("host/port-node-2")), "{found}");
    assert_fault(&found, Some("host/bridge102"), missing_at.as_deref(), "proxied-arp");
    Ok(())
}
