//! Who reaches whom, with cold caches: the tutorial's pings. docker1 pings docker2 in
//! `conclusions`, where more is asked of the same frames.

use std::time::Duration;

use harness::picture::Order;
use rstest::rstest;

use crate::common::{assert_pictures, lab};

#[rstest]
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

/// The second echo asks nobody.
#[tokio::test]
async fn docker1_pings_docker2_twice() -> miette::Result<()> {
    let lab = lab("docker1_pings_docker2_twice").await?;
    let containers = lab.set_up().await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("docker1", "docker2")?.repeated(2, Duration::from_secs(1)).send().await?;
    let recording = captures.finish().await?;

    let pictures = recording.pictures(&containers.owners, Order::Whole)?;
    assert_pictures(&lab, "docker1_pings_docker2_twice", &pictures);
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}
