//! The same over IPv6: neighbour discovery in place of ARP, multicasts in place of broadcasts. Addresses are link-local, so
//! that a topology needs none.

use std::{net::Ipv6Addr, time::Duration};

use harness::{
    container::{Containers, Ipv6},
    frame::{Content, Frame, NeighbourMessage},
    lab::{Lab, LabError},
    stimulus::Outcome,
    topology::Container,
};
use rstest::rstest;

use crate::common::{LeasedLab, assert_reached_as, assert_seen, hasten, lab, lab_with_siblings, until};

/// What the harness pins `delay_first_probe_time` to, in seconds.
const PINNED_DELAY: u32 = 600;

#[rstest]
#[case::a_container_on_another_node("docker1", "docker2")]
#[case::back("docker2", "docker1")]
#[case::a_sibling("docker1", "docker3")]
#[case::the_host("docker1", "host")]
#[case::another_node("docker2", "node-1")]
#[case::a_container_from_the_host("host", "docker1")]
#[case::a_container_from_another_node("node-1", "docker2")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("ipv6_{from}_to_{to}")).await?;
    let containers = set_up(&lab, &[from, to]).await?;

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
    let containers = set_up(&lab, &[from, to]).await?;
    hasten(&lab, from).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping(from, to)?.at(link_local(&lab, &containers, to)).within(Duration::from_secs(1));
    let ping = ping.send().await?;
    assert_seen(&lab, &containers, captures).await?;
    assert_eq!(ping.outcome, Outcome::Unanswered, "{}", ping.output);
    Ok(())
}

/// The frames of IPv4 are the same where IPv6 is spoken too.
#[tokio::test]
async fn beside_ipv4_changes_nothing() -> miette::Result<()> {
    let lab = lab("ipv6_beside_ipv4").await?;
    let containers = set_up(&lab, &["docker1", "docker2"]).await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// As with ARP: who was asked makes sure of the asker later, by unicast.
#[tokio::test]
async fn who_was_asked_makes_sure_later() -> miette::Result<()> {
    let lab = lab("ipv6_probe_after_the_answer").await?;
    let containers = set_up(&lab, &["docker1", "docker2"]).await?;
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
// As with ARP, nobody asks its own parent: the address is taken for good, and twice.
#[case::its_parent_has("ipv6_parents_address", Some("node-1"), "")]
#[tokio::test]
async fn duplicate_address_detection_finds_what(
    #[case] name: &str,
    #[case] owner: Option<&str>,
    #[case] found: &str,
) -> miette::Result<()> {
    let lab = lab(name).await?;
    let parties: Vec<&str> = owner.into_iter().chain(["docker1"]).collect();
    let mut containers = set_up(&lab, &parties).await?;
    let free: Ipv6Addr = "fe80::99".parse().expect("a valid address");
    containers.owners.owns_address("nobody", free);
    let wanted = owner.map_or(free, |owner| link_local(&lab, &containers, owner));
    let (docker1, interface) = (lab.endpoint("docker1")?, lab.interface("docker1")?);
    let detect =
        format!("cd /proc/sys/net/ipv6/conf/{interface} && echo 1 >accept_dad && echo 1 >dad_transmits");
    docker1.run(&format!("sh -c '{detect}'")).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    docker1.run(&format!("ip address add {wanted}/64 dev {interface}")).await?;
    let show = format!("ip address show dev {interface} to {wanted}");
    let decided = |shown: &str| !shown.contains("tentative") || shown.contains("dadfailed");
    let shown = until(&docker1, &show, "an end of the detection", decided).await?;
    assert_seen(&lab, &containers, captures).await?;
    assert_eq!(shown.contains("dadfailed"), !found.is_empty(), "{shown}");
    Ok(())
}

/// The parties alone, speaking IPv6. A container that is none would sometimes hear what is for others' groups: a child's
/// filter of multicasts is a hash of eight bits, with a seed of its namespace's own (`mc_hash`, drivers/net/macvlan.c).
async fn set_up(lab: &LeasedLab, parties: &[&str]) -> Result<Containers, LabError> {
    for node in &lab.topology().nodes {
        hear_all_groups(lab, &node.name).await?;
    }
    for name in parties.iter().filter(|name| lab.topology().container(name).is_none()) {
        speak_ipv6(lab, name).await?;
    }
    let containers = lab.topology().containers.iter();
    let containers: Vec<Container> =
        containers.filter(|container| parties.contains(&container.name.as_str())).cloned().collect();
    lab.set_up_these(&containers, Ipv6::On).await
}

/// Lets a node's uplink hear groups that nobody there is in: some NICs filter by group, others can't.
async fn hear_all_groups(lab: &Lab, node: &str) -> Result<(), LabError> {
    let uplink = lab.interface(node)?;
    let set = |state: &str| format!("ip link set {uplink} allmulticast {state}");
    lab.endpoint(node)?.change(&set("on"), &set("off")).await?;
    Ok(())
}

/// Switches IPv6 on for a node's uplink or the host's bridge, without chatter.
async fn speak_ipv6(lab: &Lab, name: &str) -> Result<(), LabError> {
    lab.may("makes a node speak IPv6 on its uplink")?;
    let interface = lab.interface(name)?;
    let folder = format!("/proc/sys/net/ipv6/conf/{interface}");
    let quiet = ["accept_dad", "dad_transmits", "router_solicitations", "accept_ra"];
    let quiet = quiet.map(|setting| format!("echo 0 >{folder}/{setting}; ")).concat();
    let set = |off: u8| format!("sh -c '{quiet}echo {off} >{folder}/disable_ipv6'");
    lab.endpoint(name)?.change(&set(0), &set(1)).await?;
    Ok(())
}

/// The address that an endpoint's interface has by itself.
fn link_local(lab: &Lab, containers: &Containers, name: &str) -> Ipv6Addr {
    let own = containers.interface(name).ok().and_then(|interface| interface.address);
    own.unwrap_or_else(|| lab.facts().macs[name]).link_local()
}

fn is_advertisement(frame: &Frame) -> bool {
    let Content::Neighbour(neighbour) = &frame.content else { return false };
    matches!(neighbour.message, NeighbourMessage::Advertisement { .. })
}
