//! More than pings: what is sent by the kernel's own protocols with all offloads on, and to many at once.

use std::{collections::BTreeSet, fmt::Write as _, net::Ipv4Addr, time::Duration};

use harness::{
    capture::Recording,
    container::Containers,
    frame::{Content, Frame, Kind},
    lab::{Endpoint, Lab, Need},
    machine::Running,
    picture::Order,
    vantage_point::VantagePoint,
};
use miette::{IntoDiagnostic as _, miette};
use rstest::rstest;

use super::segment::{FIN, SYN, Segment};
use crate::common::{LeasedLab, assert_pictures, assert_snapshot, lab, lab_with_siblings, records_at, until};

/// IP protocol numbers (RFC 790).
const TCP: u8 = 6;
const UDP: u8 = 17;
const PORT: u16 = 7000;
/// A sender's, so that it is the same in each run.
const SENDERS_PORT: u16 = 7001;
/// The longest payload of a datagram over IPv4, in bytes.
const DATAGRAM_MAX: u16 = 65_507;
/// What a fast lab may take for a whole payload.
const DEADLINE: Duration = Duration::from_secs(10);
/// Four megabytes that are the same everywhere.
const MUCH: &str = "seq 600000";

/// A program that receives, once it can.
async fn listen(endpoint: &Endpoint<'_>, protocol: char, program: &str) -> miette::Result<Running> {
    let running = endpoint.start(program).await?;
    let sockets = format!("ss -Hln{protocol} sport = :{PORT}");
    until(endpoint, &sockets, "a socket that listens", |sockets| !sockets.trim().is_empty()).await?;
    Ok(running)
}

/// What a program that ends by itself has printed.
async fn printed(lab: &Lab, running: Running) -> miette::Result<String> {
    let deadline = lab.facts().patience.deadline(DEADLINE);
    let ended = tokio::time::timeout(deadline, running.output()).await;
    let output = ended.map_err(|_| miette!("it had not ended after {deadline:?}"))?.into_diagnostic()?;
    Ok(output.stdout)
}

async fn lab_with_socat(scenario: &str) -> miette::Result<(LeasedLab, Containers)> {
    let lab = lab(scenario).await?;
    lab.needs(Need::Socat).await?;
    let containers = lab.set_up().await?;
    Ok((lab, containers))
}

/// Segments are cut and summed by the network card, or by nobody where there is none: at their sender captures show longer ones than
/// any cable carries, and checksums that are not there yet. Connections begin and end at every point on the way.
#[tokio::test]
async fn a_bulk_transfer_over_tcp_arrives_as_it_was_sent() -> miette::Result<()> {
    let (lab, containers) = lab_with_socat("tcp_bulk").await?;
    let (docker1, docker2) = (lab.endpoint("docker1")?, lab.endpoint("docker2")?);
    let address = lab.topology().address("docker2").expect("the topology has docker2").addr();

    let captures = lab.capture_headers(&containers).await?;
    let receiver = format!("sh -c 'socat -u TCP-LISTEN:{PORT},reuseaddr STDOUT | sha256sum'");
    let receiver = listen(&docker2, 't', &receiver).await?;
    let send = format!("sh -c '{MUCH} | sha256sum; {MUCH} | socat -u STDIN TCP:{address}:{PORT}'");
    let sent = printed(&lab, docker1.start(&send).await?).await?;
    let received = printed(&lab, receiver).await?;
    let recording = captures.finish().await?.carrying(&[Kind::Ipv4(TCP)]);

    // Of the segments there are as many as the day brings.
    assert_pictures(&lab, "arp_alone", &recording.pictures(&containers.owners, Order::Whole)?);
    assert_eq!(received, sent);
    let mtu = containers.interface("docker1")?.mtu;
    for point in VantagePoint::along_the_path(lab.topology()).iter().filter(|point| !is_bridge(&lab, point)) {
        let segments = segments_at(&lab, point)?;
        for flag in [SYN, FIN] {
            let senders: BTreeSet<Ipv4Addr> = segments
                .iter()
                .filter(|segment| segment.flags & flag != 0)
                .map(|segment| segment.source)
                .collect();
            assert_eq!(senders.len(), 2, "who sends flag {flag:#x} at {point}: {senders:?}");
        }
        if point.machine == "docker1" {
            let own = || segments.iter().filter(|segment| segment.source != address);
            assert!(own().any(|segment| segment.packet_length > mtu), "segmentation offload is off");
            assert!(own().any(|segment| segment.checksum_holds == Some(false)), "checksum offload is off");
        }
    }
    Ok(())
}

/// What is for one machine alone never comes to the bridge itself.
fn is_bridge(lab: &Lab, point: &VantagePoint) -> bool {
    lab.topology().interface("host") == Some(&point.interface)
}

fn segments_at(lab: &Lab, point: &VantagePoint) -> miette::Result<Vec<Segment>> {
    Ok(records_at(lab, point)?.iter().filter_map(Segment::read).collect())
}

#[tokio::test]
async fn a_datagram_each_way() -> miette::Result<()> {
    let (lab, containers) = lab_with_socat("udp").await?;

    let captures = lab.capture_everywhere(&containers).await?;
    for (from, to) in [("docker1", "docker2"), ("docker2", "docker1")] {
        let received = send_datagram(&lab, from, to, &format!("printf %s {from}")).await?;
        assert_eq!(received, from);
    }
    let recording = captures.finish().await?;

    assert_pictures(&lab, "udp", &recording.pictures(&containers.owners, Order::Whole)?);
    Ok(())
}

/// Of 8893 bytes: in fragments, since nobody cuts datagrams for a sender.
#[tokio::test]
async fn a_datagram_over_the_mtu_arrives_in_fragments() -> miette::Result<()> {
    let (lab, containers) = lab_with_socat("udp_fragments").await?;
    let payload = "seq 2000";

    let captures = lab.capture_everywhere(&containers).await?;
    let received = send_datagram(&lab, "docker1", "docker2", payload).await?;
    let recording = captures.finish().await?.carrying(&[Kind::Ipv4(UDP)]);

    assert_pictures(&lab, "arp_alone", &recording.pictures(&containers.owners, Order::Whole)?);
    let sent: String = (1..=2000).map(|number| format!("{number}\n")).collect();
    assert!(received == sent, "{} of {} bytes came, or others", received.len(), sent.len());
    for machine in ["docker1", "node-1", "node-2", "docker2"] {
        assert_eq!(fragments(&recording, machine), 7, "at {machine}");
    }
    Ok(())
}

fn fragments(recording: &Recording, machine: &str) -> usize {
    let is_fragment = |frame: &&Frame| frame.content == Content::Other(Kind::Ipv4(UDP));
    recording.frames_at(machine).into_iter().filter(is_fragment).count()
}

/// Sends what a command prints as one datagram; what came.
async fn send_datagram(lab: &Lab, from: &str, to: &str, payload: &str) -> miette::Result<String> {
    let address = lab.topology().address(to).expect("the topology has it").addr();
    // socat takes as much as one read gives it, and a pipe holds 64 KiB.
    let receiver = format!("socat -u -b {DATAGRAM_MAX} UDP-RECVFROM:{PORT} STDOUT");
    let receiver = listen(&lab.endpoint(to)?, 'u', &receiver).await?;
    let send = format!(
        "sh -c 'payload=$({payload}; echo .); printf %s \"${{payload%.}}\" | socat -u -b {DATAGRAM_MAX} STDIN \
         UDP-SENDTO:{address}:{PORT},bind=:{SENDERS_PORT}'"
    );
    lab.endpoint(from)?.run(&send).await?;
    printed(lab, receiver).await
}

/// What is for all comes to everybody on the LAN and to its sender, and not to the stack of the sender's own parent:
/// between those two there is no way.
#[rstest]
#[case::a_broadcast("broadcast", None)]
#[case::a_multicast("multicast", Some("224.0.0.1"))]
#[tokio::test]
async fn the_senders_parent_alone_does_not_hear(
    #[case] name: &str,
    #[case] to: Option<&str>,
) -> miette::Result<()> {
    let lab = lab_with_siblings(name).await?;
    lab.needs(Need::Socat).await?;
    let containers = lab.set_up().await?;
    let listening = listen_everywhere(&lab, |_| String::new()).await?;
    let to = to.map_or_else(|| lab.topology().containers[0].address.broadcast().to_string(), str::to_owned);

    let captures = lab.capture_everywhere(&containers).await?;
    send_to_many(&lab, "docker1", &to, "hello").await?;
    let recording = captures.finish().await?;

    assert_pictures(&lab, name, &recording.pictures(&containers.owners, Order::Whole)?);
    assert_heard(&lab, "all_but_the_parent_hear", listening).await
}

/// Groups that nobody is in, unless a scenario has it so (RFC 2365). A child that is no member hears one by chance: its filter is a
/// hash of eight bits (`mc_hash`, drivers/net/macvlan.c). It does not hear all of them.
const GROUPS: [Ipv4Addr; 3] =
    [Ipv4Addr::new(239, 1, 1, 1), Ipv4Addr::new(239, 1, 1, 2), Ipv4Addr::new(239, 1, 1, 3)];

/// What is for a group comes to its member, and not to another child of the same parent, be it the sender's or the member's.
#[rstest]
#[case::past_the_senders_sibling("group_across", "docker1", "docker2", "docker3")]
#[case::past_the_members_sibling("group_from_another_node", "docker2", "docker1", "docker3")]
#[case::of_a_sibling("group_of_a_sibling", "docker1", "docker3", "docker2")]
#[tokio::test]
async fn a_group_is_heard_by_its_member_alone(
    #[case] name: &str,
    #[case] from: &str,
    #[case] member: &str,
    #[case] other: &str,
) -> miette::Result<()> {
    let lab = lab_with_siblings(name).await?;
    lab.needs(Need::Socat).await?;
    let containers = lab.set_up().await?;
    let interface = lab.interface(member)?;
    let joining = GROUPS.map(|group| format!(",ip-add-membership={group}:{interface}")).concat();
    let listening =
        listen_everywhere(&lab, |name| if name == member { joining.clone() } else { String::new() }).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    for group in GROUPS {
        send_to_many(&lab, from, &group.to_string(), &format!("{group}_")).await?;
    }
    let recording = captures.finish().await?;

    assert_heard(&lab, &format!("{name}_heard"), listening).await?;
    let is_for_a_group = |frame: &&Frame| matches!(&frame.content, Content::Datagram(datagram) if GROUPS.contains(&datagram.destination));
    let seen = |machine| recording.frames_at(machine).into_iter().filter(is_for_a_group).count();
    assert_eq!(seen(member), GROUPS.len(), "what {member} sees of what {from} sends");
    assert!(seen(other) < GROUPS.len(), "{other} sees all that is for {member}");
    Ok(())
}

/// Sends a word to all that there are, or to a group: by the endpoint's own interface, whatever its routes are.
async fn send_to_many(lab: &Lab, from: &str, to: &str, word: &str) -> miette::Result<()> {
    let interface = lab.interface(from)?;
    let send = format!(
        "sh -c 'printf {word} | socat -u STDIN \
         UDP-DATAGRAM:{to}:{PORT},broadcast,bind=:{SENDERS_PORT},so-bindtodevice={interface}'"
    );
    lab.endpoint(from)?.run(&send).await?;
    Ok(())
}

/// Sockets at the nodes, the containers, and the host where it is the lab's to listen at; `options` says what else socat is told.
async fn listen_everywhere(
    lab: &Lab,
    options: impl Fn(&str) -> String,
) -> miette::Result<Vec<(String, Running)>> {
    let topology = lab.topology();
    let mut names: Vec<&str> = topology.nodes.iter().map(|node| node.name.as_str()).collect();
    names.extend(topology.containers.iter().map(|container| container.name.as_str()));
    if lab.facts().own_nodes() {
        lab.host_needs(Need::Socat).await?;
        names.push("host");
    }
    let mut listening = Vec::new();
    for name in names {
        let receiver = format!("socat -u UDP-RECV:{PORT},reuseaddr{} STDOUT", options(name));
        listening.push((name.to_owned(), listen(&lab.endpoint(name)?, 'u', &receiver).await?));
    }
    Ok(listening)
}

/// Asserts who has heard what: the machines, and the host as the switch's side, where it listens.
async fn assert_heard(lab: &LeasedLab, name: &str, listening: Vec<(String, Running)>) -> miette::Result<()> {
    let (mut machines, mut host) = (String::new(), String::new());
    for (name, mut running) in listening {
        running.stop();
        let words = printed(lab, running).await?;
        let table = if name == "host" { &mut host } else { &mut machines };
        let _ = writeln!(table, "{name}: {}", if words.is_empty() { "nothing" } else { &words });
    }
    assert_snapshot(lab, name, "who hears it", &machines);
    if !host.is_empty() {
        assert_snapshot(lab, &format!("{name}.switch"), "who hears it on the switch's side", &host);
    }
    Ok(())
}
