//! Who reaches whom, with cold caches: the tutorial's pings.

use harness::picture::Order;
use rstest::rstest;

use crate::common::{assert_pictures, lab};

#[rstest]
#[case::docker1_pings_docker2("docker1", "docker2")]
#[case::docker2_pings_docker1("docker2", "docker1")]
#[case::the_host_pings_docker1("host", "docker1")]
#[case::the_host_pings_docker2("host", "docker2")]
#[case::node_1_pings_docker2("node-1", "docker2")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let scenario = format!("{from}_pings_{to}");
    let lab = lab(&scenario).await?;
    let containers = lab.set_up().await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping(from, to)?.send().await?;
    let recording = captures.finish().await?;

    let pictures = recording.pictures(&containers.owners, Order::Whole)?;
    assert_pictures(&lab, &scenario, &pictures);
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}
