//! A VXLAN overlay between a container on one machine and a container on the other.

mod tunnel;

use harness::scenario::Suite;

use crate::tunnel::Tunnel;

const SUITE: Suite = harness::suite!("topology.toml", "snapshots", "keeper");

#[tokio::test]
async fn a_ping_crosses_the_overlay() -> miette::Result<()> {
    let lab = SUITE.lab("a_ping_crosses_the_overlay").await?;
    let containers = lab.set_up().await?;
    let tunnel = Tunnel::between(&lab, "blue", "green").await?;

    let captures = lab.capture_everywhere(&containers).await?;
    lab.endpoint("blue")?.run("ping -n -c 1 -W 9 172.30.0.2").await?;
    captures.finish().await?;

    tunnel.assert_pictures(&lab, "a_ping_crosses_the_overlay")
}

#[tokio::test]
async fn who_speaks_of_another_network_is_not_heard() -> miette::Result<()> {
    let lab = SUITE.lab("who_speaks_of_another_network_is_not_heard").await?;
    let containers = lab.set_up().await?;
    let tunnel = Tunnel::between(&lab, "blue", "green").await?;
    tunnel.renumber(&lab, "green", 43).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    lab.endpoint("blue")?.run("ping -n -c 1 -W 4 172.30.0.2 || :").await?;
    captures.finish().await?;

    tunnel.assert_pictures(&lab, "who_speaks_of_another_network_is_not_heard")
}
