//! The same over IPv6: neighbour discovery in place of ARP, multicasts in place of broadcasts. Addresses are link-local, so
//! that a topology needs none.

use std::{net::Ipv6Addr, time::Duration};

use harness::{
    container::Containers,
    frame::{Content, Frame, Kind, NeighbourMessage},
    lab::Lab,
};
use rstest::rstest;

use crate::common::{
    LeasedLab, assert_probed_after_the_answer, assert_reached_as, assert_reached_by_ipv6,
    assert_unreached_by_ipv6, detect_duplicates, hasten, lab, lab_with_siblings, link_local, make_sure_after,
    see_address_taken, set_up_ipv6, take_address, until_its_own_address_is_in_use,
};

/// Unique local addresses (RFC 4193), which are global to a host.
const GLOBAL: [(&str, Ipv6Addr); 2] = [
    ("docker1", Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0x180)),
    ("docker2", Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0x181)),
];

#[rstest]
#[case::a_container_on_another_node("docker1", "docker2")]
#[case::back("docker2", "docker1")]
#[case::a_sibling("docker1", "docker3")]
#[tokio::test]
async fn reaches(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("ipv6_{from}_to_{to}")).await?;
    let containers = set_up_ipv6(&lab, &[from, to]).await?;
    assert_reached_by_ipv6(&lab, &containers, from, to).await
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
    assert_probed_in_a_second(&lab, &containers, link_local(&lab, &containers, "docker2")).await
}

/// It asks from its link-local address whichever address it answered by: when it makes sure, no packet waits whose source it would
/// take (`ndisc_solicit`, net/ipv6/ndisc.c).
#[tokio::test]
async fn who_was_asked_at_a_global_address_makes_sure_from_its_link_local_one() -> miette::Result<()> {
    let lab = lab("ipv6_probe_of_a_global_address").await?;
    let mut containers = set_up_ipv6(&lab, &["docker1", "docker2"]).await?;
    for (name, address) in GLOBAL {
        lab.endpoint(name)?.run(&format!("ip address add {address}/64 dev {}", lab.interface(name)?)).await?;
        containers.owners.owns_address(&format!("{name}-global"), address);
    }
    assert_probed_in_a_second(&lab, &containers, GLOBAL[1].1).await
}

/// docker1 pings one of docker2's addresses, and docker2 makes sure of docker1 a second later.
async fn assert_probed_in_a_second(
    lab: &LeasedLab,
    containers: &Containers,
    address: Ipv6Addr,
) -> miette::Result<()> {
    make_sure_after(lab, "ipv6", "docker2", 1).await?;
    let ping = lab.ping("docker1", "docker2")?.at(address);
    assert_probed_after_the_answer(lab.scenario(), lab, containers, &ping, Duration::from_secs(1)).await
}

/// Before it uses an address, IPv6 asks whether somebody else does (RFC 4862, section 5.4).
#[rstest]
#[case::nobody_has("ipv6_free_address", None)]
#[case::docker2_has("ipv6_taken_address", Some("docker2"))]
#[tokio::test]
async fn duplicate_address_detection_finds_what(
    #[case] name: &str,
    #[case] owner: Option<&str>,
) -> miette::Result<()> {
    let lab = lab(name).await?;
    let parties: Vec<&str> = owner.into_iter().chain(["docker1"]).collect();
    let mut containers = set_up_ipv6(&lab, &parties).await?;
    let free: Ipv6Addr = "fe80::99".parse().expect("a valid address");
    containers.owners.owns_address("nobody", free);
    let wanted = owner.map_or(free, |owner| link_local(&lab, &containers, owner));
    detect_duplicates(&lab, "docker1").await?;
    if owner.is_none() {
        hasten(&lab, "docker1").await?;
    }
    let refused = see_address_taken(&lab, &containers, "docker1", wanted).await?;
    assert_eq!(refused, owner.is_some(), "whether it was refused");
    Ok(())
}

/// What a fresh interface does by itself: its address is tentative until nobody has objected to it (RFC 4862), it reports the groups
/// that it is in (RFC 3810), and with the address it asks for a router (RFC 4861). When it does each is its own choice.
#[tokio::test]
async fn a_fresh_address_is_tentative_first() -> miette::Result<()> {
    let lab = lab("ipv6_fresh_address").await?;
    let containers = set_up_ipv6(&lab, &["docker1"]).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let fresh = start_afresh(&lab, "docker1").await?;
    until_its_own_address_is_in_use(&lab, "docker1").await?;
    captures.wait_for("node-2", "a router solicitation", is_of(Kind::RouterSolicitation)).await;
    let recording = captures.finish().await?;

    assert!(fresh.contains("tentative"), "{fresh}");
    let count = |is_wanted: &dyn Fn(&Frame) -> bool| {
        recording.frames_at("node-2").into_iter().filter(|frame| is_wanted(frame)).count()
    };
    assert_eq!(count(&asks_as_nobody), 1, "questions whether somebody has the address");
    assert_ne!(count(&is_of(Kind::Mld)), 0, "reports of groups");
    assert_ne!(count(&is_of(Kind::RouterSolicitation)), 0, "questions for a router");
    lab.is_judged();
    Ok(())
}

/// Has a container's interface begin anew with IPv6, as the kernel has it by default (Documentation/networking/ip-sysctl.rst). What
/// `ip` shows of its addresses at once.
async fn start_afresh(lab: &Lab, container: &str) -> miette::Result<String> {
    let interface = lab.interface(container)?;
    let defaults = ["accept_dad=1", "dad_transmits=1", "router_solicitations=-1", "accept_ra=1"].join(" ");
    let start = format!(
        "cd /proc/sys/net/ipv6/conf/{interface} && echo 1 >disable_ipv6 && \
         for s in {defaults}; do echo ${{s#*=}} >${{s%=*}}; done && echo 0 >disable_ipv6 && \
         ip -6 -o address show dev {interface}"
    );
    Ok(lab.endpoint(container)?.run(&format!("sh -c '{start}'")).await?.stdout)
}

fn asks_as_nobody(frame: &Frame) -> bool {
    let Content::Neighbour(neighbour) = &frame.content else { return false };
    neighbour.message == NeighbourMessage::Solicitation && neighbour.source.is_unspecified()
}

fn is_of(kind: Kind) -> impl Fn(&Frame) -> bool {
    move |frame| frame.content == Content::Other(kind)
}

/// What was refused stays in the way: the owner's answers are taken for its defence of the address, and not for answers.
#[tokio::test]
async fn who_was_refused_an_address_does_not_reach_its_owner() -> miette::Result<()> {
    let lab = lab("ipv6_refused_address").await?;
    let containers = set_up_ipv6(&lab, &["docker1", "docker2"]).await?;
    detect_duplicates(&lab, "docker1").await?;
    let docker2s = link_local(&lab, &containers, "docker2");
    assert!(take_address(&lab, "docker1", docker2s).await?, "it was not refused");
    assert_unreached_by_ipv6(&lab, &containers, "docker1", "docker2").await
}
