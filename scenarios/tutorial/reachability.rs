//! Who reaches whom, with cold caches: the tutorial's pings. docker1 pings docker2 in
//! `conclusions`, where more is asked of the same frames.

use std::time::Duration;

use rstest::rstest;

use crate::common::{assert_answered, assert_reached, lab};

#[rstest]
#[case::docker2_pings_docker1("docker2", "docker1")]
#[case::the_host_pings_docker1("host", "docker1")]
#[case::the_host_pings_docker2("host", "docker2")]
#[case::node_1_pings_docker2("node-1", "docker2")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab(&format!("{from}_pings_{to}")).await?;
    let containers = lab.set_up().await?;
    assert_reached(&lab, &containers, from, to).await
}

/// The second echo asks nobody.
#[tokio::test]
async fn docker1_pings_docker2_twice() -> miette::Result<()> {
    let lab = lab("docker1_pings_docker2_twice").await?;
    let containers = lab.set_up().await?;
    let ping = lab.ping("docker1", "docker2")?.repeated(2, Duration::from_secs(1));
    assert_answered(lab.scenario(), &lab, &containers, &ping).await
}
