//! Scenarios that do to the nodes what would hurt their other users. Machines that exist already are asked for them by
//! name (`LAB_ARM`).

mod common;

use harness::{lab::LabError, picture::Order};

use crate::common::{assert_pictures, lab};

/// The parent needs no address: without it the very same frames pass as with it.
#[tokio::test]
async fn the_parents_own_address_does_not_matter() -> miette::Result<()> {
    let lab = lab("parents_without_address").await?;
    lab.may("takes the nodes' own addresses from their uplinks")?;
    let [node_1, node_2] = [0, 1].map(async |index: usize| {
        let node = &lab.topology().nodes[index];
        let restore = format!("ip address add {} brd + dev {}", node.address, node.uplink);
        let flush = format!("ip -4 address flush dev {}", node.uplink);
        lab.endpoint(&node.name)?.change(&flush, &restore).await?;
        Ok::<_, LabError>(())
    });
    tokio::try_join!(node_1, node_2)?;
    let containers = lab.set_up().await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("docker1", "docker2")?.send().await?;
    let recording = captures.finish().await?;

    assert_pictures(&lab, "docker1_pings_docker2", &recording.pictures(&containers.owners, Order::Whole)?);
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}
