//! The same over IPv6: neighbour discovery in place of ARP, multicasts in place of broadcasts. Addresses are link-local, so
//! that a topology needs none.

use std::{net::Ipv6Addr, time::Duration};

use harness::frame::{Content, Frame, NeighbourMessage};
use rstest::rstest;

use crate::common::{
    assert_reached_as, assert_seen, hasten, lab, lab_with_siblings, link_local, set_up_ipv6, until,
};

/// What the harness pins `delay_first_probe_time` to, in seconds.
const PINNED_DELAY: u32 = 600;

#[rstest]
#[case::a_container_on_another_node("docker1", "docker2")]
#[case::back("docker2", "docker1")]
#[case::a_sibling("docker1", "docker3")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("ipv6_{from}_to_{to}")).await?;
    let containers = set_up_ipv6(&lab, &[from, to]).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping(from, to)?.at(link_local(&lab, &containers, to)).send().await?;
    assert_seen(&lab, &containers, captures).await?;
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// The frames of IPv4 are the same where IPv6 is spoken too.
#[tokio::test]
async fn beside_ipv4_changes_nothing() -> miette::Result<()> {
    let lab = lab("ipv6_beside_ipv4").await?;
    let containers = set_up_ipv6(&lab, &["docker1", "docker2"]).await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// As with ARP: who was asked makes sure of the asker later, by unicast.
#[tokio::test]
async fn who_was_asked_makes_sure_later() -> miette::Result<()> {
    let lab = lab("ipv6_probe_after_the_answer").await?;
    let containers = set_up_ipv6(&lab, &["docker1", "docker2"]).await?;
    let delay = format!("/proc/sys/net/ipv6/neigh/{}/delay_first_probe_time", lab.interface("docker2")?);
    let set = |seconds: u32| format!("sh -c 'echo {seconds} >{delay}'");
    lab.endpoint("docker2")?.change(&set(1), &set(PINNED_DELAY)).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("docker1", "docker2")?.at(link_local(&lab, &containers, "docker2")).send().await?;
    let within = Duration::from_secs(5);
    captures.wait_for_several("docker2", 2, "the reply to the probe", within, is_advertisement).await;
    assert_seen(&lab, &containers, captures).await?;
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// Before it uses an address, IPv6 asks whether somebody else does (RFC 4862, section 5.4).
#[rstest]
#[case::nobody_has("ipv6_free_address", None, "")]
#[case::docker2_has("ipv6_taken_address", Some("docker2"), "dadfailed")]
#[tokio::test]
async fn duplicate_address_detection_finds_what(
    #[case] name: &str,
    #[case] owner: Option<&str>,
    #[case] found: &str,
) -> miette::Result<()> {
    let lab = lab(name).await?;
    let parties: Vec<&str> = owner.into_iter().chain(["docker1"]).collect();
    let mut containers = set_up_ipv6(&lab, &parties).await?;
    let free: Ipv6Addr = "fe80::99".parse().expect("a valid address");
    containers.owners.owns_address("nobody", free);
    let wanted = owner.map_or(free, |owner| link_local(&lab, &containers, owner));
    let (docker1, interface) = (lab.endpoint("docker1")?, lab.interface("docker1")?);
    let detect =
        format!("cd /proc/sys/net/ipv6/conf/{interface} && echo 1 >accept_dad && echo 1 >dad_transmits");
    docker1.run(&format!("sh -c '{detect}'")).await?;
    if owner.is_none() {
        hasten(&lab, "docker1").await?;
    }

    let captures = lab.capture_everywhere(&containers).await?;
    docker1.run(&format!("ip address add {wanted}/64 dev {interface}")).await?;
    let show = format!("ip address show dev {interface} to {wanted}");
    let decided = |shown: &str| !shown.contains("tentative") || shown.contains("dadfailed");
    let shown = until(&docker1, &show, "an end of the detection", decided).await?;
    assert_seen(&lab, &containers, captures).await?;
    assert_eq!(shown.contains("dadfailed"), !found.is_empty(), "{shown}");
    Ok(())
}

fn is_advertisement(frame: &Frame) -> bool {
    let Content::Neighbour(neighbour) = &frame.content else { return false };
    matches!(neighbour.message, NeighbourMessage::Advertisement { .. })
}
