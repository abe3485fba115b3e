//! A node that reboots while its lab stands.

use harness::lab::{Lab, Need};

use crate::common::{
    assert_lost_then_found, assert_seen_as, by_filter, doubt_soon, lab, mac, ping_until_given_up,
};

/// Its container is gone with its namespace, and the other node's is as it was. Set up anew, it has another MAC address: who
/// knew it goes on with the former one until that has been asked for in vain.
#[tokio::test]
#[ignore = "needs a VM lab: nodes that can be rebooted"]
async fn a_node_that_reboots_forgets_its_container() -> miette::Result<()> {
    let mut lab = lab("reboot").await?;
    lab.needs(Need::Reboot).await?;
    lab.may("reboots node-2")?;
    let containers = lab.set_up().await?;
    let former = mac(&lab, &containers, "docker2");
    let docker1s = as_shown(&lab, "docker1").await?;
    let before = lab.ping("docker1", "docker2")?.send().await?;
    assert!(before.is_answered(), "{}", before.output);

    let _connection = lab.reboot("node-2").await?;
    let left = lab.endpoint("node-2")?.run("ip netns list").await?.stdout;
    assert_eq!(left, "", "a network namespace has outlived the reboot");
    assert_eq!(as_shown(&lab, "docker1").await?, docker1s, "docker1 is as it was");
    lab.set_up_only(&["docker2"]).await?;
    let mut containers = lab.take_stock(&lab.topology().containers).await?;
    assert_ne!(mac(&lab, &containers, "docker2"), former, "docker2's MAC address");
    containers.owners.owns_mac("former", former);
    doubt_soon(&lab, "docker1", "docker2", former).await?;
    let name = by_filter(&lab).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let pings = ping_until_given_up(&lab, "docker1", "docker2").await?;
    assert_seen_as(&name, &lab, &containers, captures).await?;
    assert_lost_then_found(&pings);
    Ok(())
}

/// A container's link and addresses, as `ip` shows them.
async fn as_shown(lab: &Lab, container: &str) -> miette::Result<String> {
    let show = format!("ip address show dev {}", lab.interface(container)?);
    Ok(lab.endpoint(container)?.run(&show).await?.stdout)
}
