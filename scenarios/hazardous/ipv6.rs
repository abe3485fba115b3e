//! IPv6 between containers, nodes and the host, which are made to speak it on the LAN.

use std::time::Duration;

use harness::stimulus::Outcome;
use rstest::rstest;

use crate::common::{assert_seen, hasten, lab, link_local, set_up_ipv6, until};

#[rstest]
#[case::the_host("docker1", "host")]
#[case::another_node("docker2", "node-1")]
#[case::a_container_from_the_host("host", "docker1")]
#[case::a_container_from_another_node("node-1", "docker2")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab(&format!("ipv6_{from}_to_{to}")).await?;
    let containers = set_up_ipv6(&lab, &[from, to]).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping(from, to)?.at(link_local(&lab, &containers, to)).send().await?;
    assert_seen(&lab, &containers, captures).await?;
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// A multicast question comes from a parent to its child no more than a broadcast one does.
#[rstest]
#[case::a_child_from_its_parent("node-1", "docker1")]
#[case::a_parent_from_its_child("docker1", "node-1")]
#[tokio::test]
async fn does_not_reach(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab(&format!("ipv6_{from}_to_{to}")).await?;
    let containers = set_up_ipv6(&lab, &[from, to]).await?;
    hasten(&lab, from).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping(from, to)?.at(link_local(&lab, &containers, to)).within(Duration::from_secs(1));
    let ping = ping.send().await?;
    assert_seen(&lab, &containers, captures).await?;
    assert_eq!(ping.outcome, Outcome::Unanswered, "{}", ping.output);
    Ok(())
}

/// As with ARP, nobody asks its own parent: what the parent has is taken for good, and there twice.
#[tokio::test]
async fn duplicate_address_detection_is_blind_for_a_parent() -> miette::Result<()> {
    let lab = lab("ipv6_parents_address").await?;
    let containers = set_up_ipv6(&lab, &["docker1", "node-1"]).await?;
    let (docker1, interface) = (lab.endpoint("docker1")?, lab.interface("docker1")?);
    let detect =
        format!("cd /proc/sys/net/ipv6/conf/{interface} && echo 1 >accept_dad && echo 1 >dad_transmits");
    docker1.run(&format!("sh -c '{detect}'")).await?;
    hasten(&lab, "docker1").await?;
    let taken = link_local(&lab, &containers, "node-1");

    let captures = lab.capture_everywhere(&containers).await?;
    docker1.run(&format!("ip address add {taken}/64 dev {interface}")).await?;
    let show = format!("ip address show dev {interface} to {taken}");
    let shown =
        until(&docker1, &show, "an end of the detection", |shown| !shown.contains("tentative")).await?;
    assert_seen(&lab, &containers, captures).await?;
    assert!(!shown.contains("dadfailed"), "{shown}");
    Ok(())
}
