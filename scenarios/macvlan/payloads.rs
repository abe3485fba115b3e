//! More than pings: what is sent by the kernel's own protocols with all offloads on, and to many at once.

use std::{fmt::Write as _, time::Duration};

use harness::{
    capture::{Notes, Recording},
    container::Containers,
    frame::{Content, Frame, Kind},
    lab::{Endpoint, Lab, Need},
    machine::Running,
    picture::Order,
};
use miette::{IntoDiagnostic as _, miette};
use rstest::rstest;

use crate::common::{LeasedLab, assert_pictures, assert_snapshot, lab, lab_with_siblings, until};

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

/// Segments are cut by the network card, or by nobody where there is none: captures show longer ones than any cable
/// carries, and say so.
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
    let notes = Notes::beside(&lab.folder().join(Notes::FILE_NAME)).expect("the recording has notes");
    let explained = notes.captures.iter().find(|capture| capture.long_frames.is_some());
    assert!(explained.is_some(), "no frame was longer than an MTU: were the offloads on?");
    Ok(())
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
    let names: Vec<String> = listeners(&lab);
    let mut listening = Vec::new();
    for name in &names {
        let receiver = format!("socat -u UDP-RECV:{PORT},reuseaddr STDOUT");
        listening.push(listen(&lab.endpoint(name)?, 'u', &receiver).await?);
    }
    let to = to.map_or_else(|| lab.topology().containers[0].address.broadcast().to_string(), str::to_owned);
    let interface = lab.interface("docker1")?;

    let captures = lab.capture_everywhere(&containers).await?;
    let send = format!(
        "sh -c 'printf hello | socat -u STDIN \
         UDP-DATAGRAM:{to}:{PORT},broadcast,bind=:{SENDERS_PORT},so-bindtodevice={interface}'"
    );
    lab.endpoint("docker1")?.run(&send).await?;
    let recording = captures.finish().await?;

    assert_pictures(&lab, name, &recording.pictures(&containers.owners, Order::Whole)?);
    let mut heard = String::new();
    for (name, mut running) in names.iter().zip(listening) {
        running.stop();
        let words = printed(&lab, running).await?;
        let _ = writeln!(heard, "{name}: {}", if words.is_empty() { "nothing" } else { &words });
    }
    assert_snapshot(&lab, "all_but_the_parent_hear", "who hears it", &heard);
    Ok(())
}

/// The nodes and the containers: the host is not everybody's to listen at.
fn listeners(lab: &Lab) -> Vec<String> {
    let topology = lab.topology();
    let nodes = topology.nodes.iter().map(|node| node.name.clone());
    nodes.chain(topology.containers.iter().map(|container| container.name.clone())).collect()
}
