//! A node that reboots while its lab stands.

use harness::lab::Need;

use crate::common::{assert_reached_as, lab};

/// Its container is gone with its namespace, and the other node's is as it was. Set up anew, both meet as if nothing had
/// been: the frames are those of cold caches.
#[tokio::test]
#[ignore = "needs a VM lab: nodes that can be rebooted"]
async fn a_node_that_reboots_forgets_its_container() -> miette::Result<()> {
    let mut lab = lab("reboot").await?;
    lab.needs(Need::Reboot).await?;
    lab.may("reboots node-2")?;
    lab.set_up().await?;
    let before = lab.ping("host", "docker2")?.send().await?;
    assert!(before.is_answered(), "{}", before.output);

    let _connection = lab.reboot("node-2").await?;
    let left = lab.endpoint("node-2")?.run("ip netns list").await?.stdout;
    assert_eq!(left, "", "a network namespace has outlived the reboot");
    lab.set_up_only(&["docker2"]).await?;
    let containers = lab.take_stock(&lab.topology().containers).await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}
