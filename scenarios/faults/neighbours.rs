//! MAC addresses that are old, others', or not the interface's.

use std::time::Duration;

use harness::container::Ipv6;

use super::trial::{NOTHING, assert_fault, faulty_lab, judge, try_out};

/// Where the frame for nobody dies is the parent's doing: one that filters by address never shows it.
#[tokio::test]
async fn an_entry_from_before_the_container_was_replaced() -> miette::Result<()> {
    let lab = faulty_lab("stale-neighbour").await?;
    let containers = lab.set_up().await?;
    let stale = "ip neigh replace 192.168.245.181 lladdr 02:00:00:00:00:99 dev macvlan1 nud permanent";
    lab.endpoint("docker1")?.run(stale).await?;
    let takes_all = lab.uplink("node-2").await?.promiscuity > 0;
    let ping = lab.ping("docker1", "docker2")?.within(Duration::from_secs(1));
    let found = judge(&lab, &containers, &ping).await?;
    let (last_seen, missing_at) = match takes_all {
        true => ("node-2/ens33", "docker2/macvlan1"),
        false => ("host/port-node-2", "node-2/ens33"),
    };
    assert_fault(&found, Some(last_seen), Some(missing_at), "stale-neighbour");
    Ok(())
}

/// As a virtual machine behind a container's macvlan interface has one.
#[tokio::test]
async fn a_bridge_with_its_own_address_behind_the_interface() -> miette::Result<()> {
    let bridge = "sh -c 'ip link add br0 address 02:00:00:00:00:77 type bridge; ip link set macvlan1 master br0; \
                  ip address flush dev macvlan1; ip link set br0 up; ip address add 192.168.245.180/24 dev br0'";
    let found = try_out("mac-mismatch", "docker1:docker2", &[("docker1", bridge, NOTHING)]).await?;
    assert_fault(&found, Some("node-1/ens33"), Some("docker1/macvlan1"), "mac-mismatch");
    Ok(())
}

/// As two clones of one image make it.
#[tokio::test]
async fn two_containers_with_one_mac_address() -> miette::Result<()> {
    let lab = faulty_lab("duplicate-mac").await?;
    let mut containers = lab.topology().containers.clone();
    for container in containers.iter_mut().filter(|container| container.name != "docker3") {
        container.mac = Some("02:00:00:00:00:55".parse().expect("a valid address"));
    }
    let containers = lab.set_up_these(&containers, Ipv6::Off).await?;
    let found = judge(&lab, &containers, &lab.ping("docker1", "docker2")?).await?;
    assert_fault(&found, Some("node-2/ens33"), Some("docker2/macvlan1"), "duplicate-mac");
    found.assert_pictures_of(&lab, lab.scenario());
    Ok(())
}
