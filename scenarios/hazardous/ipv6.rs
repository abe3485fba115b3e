//! IPv6 between containers, nodes and the host, which are made to speak it on the LAN.

use rstest::rstest;

use crate::common::{
    assert_reached_by_ipv6, assert_unreached_by_ipv6, detect_duplicates, hasten, lab, link_local,
    see_address_taken, set_up_ipv6,
};

#[rstest]
#[case::the_host("docker1", "host")]
#[case::another_node("docker2", "node-1")]
#[case::a_container_from_the_host("host", "docker1")]
#[case::a_container_from_another_node("node-1", "docker2")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab(&format!("ipv6_{from}_to_{to}")).await?;
    let containers = set_up_ipv6(&lab, &[from, to]).await?;
    assert_reached_by_ipv6(&lab, &containers, from, to).await
}

/// A multicast question comes from a parent to its child no more than a broadcast one does.
#[rstest]
#[case::a_child_from_its_parent("node-1", "docker1")]
#[case::a_parent_from_its_child("docker1", "node-1")]
#[tokio::test]
async fn does_not_reach(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab(&format!("ipv6_{from}_to_{to}")).await?;
    let containers = set_up_ipv6(&lab, &[from, to]).await?;
    assert_unreached_by_ipv6(&lab, &containers, from, to).await
}

/// As with ARP, nobody asks its own parent: what the parent has is taken for good, and there twice.
#[tokio::test]
async fn duplicate_address_detection_is_blind_for_a_parent() -> miette::Result<()> {
    let lab = lab("ipv6_parents_address").await?;
    let containers = set_up_ipv6(&lab, &["docker1", "node-1"]).await?;
    detect_duplicates(&lab, "docker1").await?;
    hasten(&lab, "docker1").await?;
    let parents = link_local(&lab, &containers, "node-1");
    assert!(!see_address_taken(&lab, &containers, "docker1", parents).await?, "it was refused");
    Ok(())
}
