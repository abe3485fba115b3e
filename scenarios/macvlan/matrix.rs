//! Who reaches whom in bridge mode, with cold caches: every pair of the host, the nodes and the containers, two of which
//! are siblings. What the machines say among themselves is in `hazardous`.

use std::fmt::Write as _;

use futures_util::future::try_join_all;
use harness::{lab::Lab, stimulus::Outcome};
use rstest::rstest;

use crate::common::{assert_reached, assert_snapshot, assert_unreached, hasten, lab_with_siblings};

/// Everybody on the LAN, in the order of the table.
const ENDPOINTS: [&str; 6] = ["host", "node-1", "node-2", "docker1", "docker2", "docker3"];

#[rstest]
#[case::the_host_to_docker1("host", "docker1")]
#[case::the_host_to_docker2("host", "docker2")]
#[case::the_host_to_docker3("host", "docker3")]
#[case::node_1_to_docker2("node-1", "docker2")]
#[case::node_2_to_docker1("node-2", "docker1")]
#[case::node_2_to_docker3("node-2", "docker3")]
#[case::docker1_to_the_host("docker1", "host")]
#[case::docker1_to_node_2("docker1", "node-2")]
#[case::docker1_to_docker2("docker1", "docker2")]
#[case::docker1_to_docker3("docker1", "docker3")]
#[case::docker2_to_the_host("docker2", "host")]
#[case::docker2_to_node_1("docker2", "node-1")]
#[case::docker2_to_docker1("docker2", "docker1")]
#[case::docker2_to_docker3("docker2", "docker3")]
#[case::docker3_to_the_host("docker3", "host")]
#[case::docker3_to_node_2("docker3", "node-2")]
#[case::docker3_to_docker1("docker3", "docker1")]
#[case::docker3_to_docker2("docker3", "docker2")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("matrix_{from}_to_{to}")).await?;
    let containers = lab.set_up().await?;
    assert_reached(&lab, &containers, from, to).await
}

/// A parent and its own child never meet, in neither direction.
#[rstest]
#[case::node_1_to_docker1("node-1", "docker1")]
#[case::node_1_to_docker3("node-1", "docker3")]
#[case::node_2_to_docker2("node-2", "docker2")]
#[case::docker1_to_node_1("docker1", "node-1")]
#[case::docker2_to_node_2("docker2", "node-2")]
#[case::docker3_to_node_1("docker3", "node-1")]
#[tokio::test]
async fn does_not_reach(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("matrix_{from}_to_{to}")).await?;
    let containers = lab.set_up().await?;
    assert_unreached(&lab, &containers, from, to).await
}

#[tokio::test]
async fn everybody_to_everybody_the_host_included() -> miette::Result<()> {
    let lab = lab_with_siblings("matrix").await?;
    lab.set_up().await?;
    try_join_all(ENDPOINTS.map(|endpoint| hasten(&lab, endpoint))).await?;
    let rows = try_join_all(ENDPOINTS.map(|from| row(&lab, from))).await?;
    let head = format!("{:10}{}", "from / to", ENDPOINTS.map(|to| format!("{to:9}")).concat());
    let mut table = String::new();
    for row in [head].into_iter().chain(rows) {
        let _ = writeln!(table, "{}", row.trim_end());
    }
    assert_snapshot(&lab, "matrix", "who reaches whom", &table);
    Ok(())
}

/// Whom an endpoint reaches, one after another.
async fn row(lab: &Lab, from: &str) -> miette::Result<String> {
    let mut row = format!("{from:10}");
    for to in ENDPOINTS {
        let mark = if to == from { "." } else { reaches_in_words(lab, from, to).await? };
        row += &format!("{mark:9}");
    }
    Ok(row)
}

async fn reaches_in_words(lab: &Lab, from: &str, to: &str) -> miette::Result<&'static str> {
    let report = lab.ping(from, to)?.send().await?;
    match report.outcome {
        Outcome::Answered => Ok("yes"),
        Outcome::Unanswered => Ok("no"),
        Outcome::Refused(reason) => Err(miette::miette!("{from} could not ping {to}: {reason}")),
    }
}
