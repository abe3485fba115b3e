//! What the tutorial concludes from its captures, asserted one by one.

use harness::{
    MacAddress,
    frame::{Arp, ArpOperation, Content, Echo, EchoDirection, Frame},
    picture::Order,
};
use rstest::rstest;

use crate::common::{assert_arrives_in_vain, assert_pictures, believe, lab, mac};

/// The ARP packets among some frames, with the frames that carry them.
fn arps<'a>(frames: &[&'a Frame], operation: ArpOperation) -> Vec<(&'a Frame, &'a Arp)> {
    let arps = frames.iter().filter_map(|frame| match &frame.content {
        Content::Arp(arp) if arp.operation == operation => Some((*frame, arp)),
        _ => None,
    });
    arps.collect()
}

fn echoes<'a>(frames: &[&'a Frame]) -> Vec<&'a Echo> {
    let echoes = frames.iter().filter_map(|frame| match &frame.content {
        Content::Echo(echo) => Some(echo),
        _ => None,
    });
    echoes.collect()
}

#[tokio::test]
async fn docker1_pings_docker2_who_answers_for_itself() -> miette::Result<()> {
    let lab = lab("docker1_pings_docker2").await?;
    let containers = lab.set_up().await?;
    let (docker1, docker2) = (mac(&lab, &containers, "docker1"), mac(&lab, &containers, "docker2"));

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("docker1", "docker2")?.send().await?;
    let recording = captures.finish().await?;

    assert_pictures(&lab, "docker1_pings_docker2", &recording.pictures(&containers.owners, Order::Whole)?);
    assert!(ping.is_answered(), "{}", ping.output);
    // Set-up, captures, stimulus, end; the keeper's clean-up is the fifth.
    assert!(lab.round_trips().values().all(|trips| *trips <= 4), "{:?}", lab.round_trips());
    for machine in ["docker1", "node-1", "node-2", "docker2"] {
        let frames = recording.frames_at(machine);
        let requests = arps(&frames, ArpOperation::Request);
        let replies = arps(&frames, ArpOperation::Reply);
        assert!(!requests.is_empty(), "there is a request at {machine}");
        assert!(
            requests.iter().all(|(frame, _)| frame.destination == MacAddress::BROADCAST),
            "it is broadcast"
        );
        // One reply each (a slow machine is asked again): node-2's own stack, which sees the request too, is silent.
        assert_eq!(replies.len(), requests.len(), "replies at {machine}");
        for (frame, reply) in replies {
            assert_eq!(frame.destination, docker1, "the reply is unicast");
            assert_eq!(reply.sender_hardware, docker2, "the address that answers is macvlan1's own");
            assert_ne!(reply.sender_hardware, lab.facts().macs["node-2"], "and not the parent's");
        }
        let echoes = echoes(&frames);
        let directions: Vec<EchoDirection> = echoes.iter().map(|echo| echo.direction).collect();
        assert_eq!(directions, [EchoDirection::Request, EchoDirection::Reply], "at {machine}");
        assert!(echoes.iter().all(|echo| echo.ttl == 64), "no router is between them");
    }
    Ok(())
}

/// An echo whose IPv4 destination is one's and whose Ethernet destination is another's goes where
/// the Ethernet header says, and nobody answers it.
#[rstest]
#[case::docker2s_mac_with_node_2s_ip("node-2", "docker2")]
#[case::node_2s_mac_with_docker2s_ip("docker2", "node-2")]
#[tokio::test]
async fn the_parent_hands_frames_on_by_destination_mac(
    #[case] address_of: &str,
    #[case] mac_of: &str,
) -> miette::Result<()> {
    let lab = lab(&format!("{mac_of}_mac_with_{address_of}_ip")).await?;
    let containers = lab.set_up().await?;
    let belief = believe(&lab, &containers, "docker1", address_of, mac_of);
    assert_arrives_in_vain(&lab, &containers, belief, &lab.ping("docker1", address_of)?, mac_of).await
}
