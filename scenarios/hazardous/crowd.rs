//! Many containers on one node.

use std::net::Ipv4Addr;

use futures_util::future::try_join_all;
use harness::{
    capture::Recording,
    frame::{ArpOperation, Content, EchoDirection, Frame},
    topology::{Container, Topology},
};
use ipnet::Ipv4Net;

use crate::common::{assert_snapshot, lab_with};

const CROWD: u32 = 20;

/// Each of twenty siblings has an address of its own, and reaches the next one and the other node's container. A question, from a
/// sibling or from outside, is for all of them; what follows is for one.
#[tokio::test]
async fn twenty_siblings_reach_each_other_and_another_node() -> miette::Result<()> {
    let mut lab = lab_with(&["docker1", "docker2"], "crowd").await?;
    lab.may("takes nineteen addresses of the LAN that the topology does not name")?;
    lab.replace_containers(crowd(lab.topology()));
    let containers = lab.set_up().await?;

    let names: Vec<&str> = containers.all().iter().map(|container| container.name.as_str()).collect();
    let macs: std::collections::BTreeSet<_> = names
        .iter()
        .map(|name| containers.interface(name).map(|interface| interface.address))
        .collect::<Result<_, _>>()?;
    assert_eq!(macs.len(), names.len(), "each has a MAC address of its own");
    let siblings = names.iter().filter(|name| **name != "docker2");
    let pairs = siblings.clone().zip(siblings.clone().cycle().skip(1)).map(|(one, next)| (*one, *next));
    let pairs = pairs.chain(siblings.clone().map(|one| (*one, "docker2")));
    let pings = pairs.map(async |(from, to)| {
        let ping = lab.ping(from, to)?.send().await?;
        Ok::<_, miette::Report>((from, to, ping))
    });
    for (from, to, ping) in try_join_all(pings).await? {
        assert!(ping.is_answered(), "{from} to {to}: {}", ping.output);
    }

    let mut told = String::new();
    for (from, to) in [("docker1", "sibling1"), ("docker2", "docker1")] {
        lab.endpoint(from)?.run("ip neigh flush all").await?;
        let captures = lab.capture_everywhere(&containers).await?;
        let ping = lab.ping(from, to)?.send().await?;
        let recording = captures.finish().await?;
        assert!(ping.is_answered(), "{from} to {to}: {}", ping.output);
        for (what, is_it) in STEPS {
            told += &format!("{from} to {to}, {what}: {}\n", seen_by(&recording, lab.topology(), is_it));
        }
    }
    assert_snapshot(&lab, "crowd_seen", "who sees it", &told);
    Ok(())
}

/// A step of an exchange, and which frames it is.
type Step = (&'static str, fn(&Frame) -> bool);

const STEPS: [Step; 4] = [
    ("the question", is_question),
    ("its answer", Frame::is_arp_reply),
    ("the echo", Frame::is_echo_request),
    ("its reply", is_echo_reply),
];

fn is_question(frame: &Frame) -> bool {
    matches!(&frame.content, Content::Arp(arp) if arp.operation == ArpOperation::Request)
}

fn is_echo_reply(frame: &Frame) -> bool {
    matches!(&frame.content, Content::Echo(echo) if echo.direction == EchoDirection::Reply)
}

/// Who sees such a frame, in words that a larger crowd does not make longer.
fn seen_by(recording: &Recording, topology: &Topology, is_it: impl Fn(&Frame) -> bool) -> String {
    let sees = |name: &&str| recording.frames_at(name).into_iter().any(&is_it);
    let named = ["docker1", "sibling1", "node-1", "node-2", "docker2"];
    let containers = topology.containers.iter().map(|container| container.name.as_str());
    let others: Vec<&str> = containers.filter(|name| !named.contains(name)).collect();
    let seen: Vec<&str> = named.into_iter().filter(sees).collect();
    let count = others.iter().filter(|name| sees(name)).count();
    format!("{}, {count} of {} other siblings", seen.join(", "), others.len())
}

/// The topology's docker1 and docker2, and siblings of docker1 at the addresses that follow.
fn crowd(topology: &Topology) -> Vec<Container> {
    let [docker1, docker2] = &topology.containers[..] else { panic!("the lab has two containers") };
    let first = docker1.address.addr().max(docker2.address.addr());
    let sibling = |number: u32| {
        let address = Ipv4Addr::from_bits(first.to_bits() + number);
        let address =
            Ipv4Net::new(address, docker1.address.prefix_len()).expect("the prefix is docker1's own");
        Container {
            name: format!("sibling{number}"),
            address,
            reaches: Vec::new(),
            mac: None,
            ..docker1.clone()
        }
    };
    topology.containers.iter().cloned().chain((1..CROWD).map(sibling)).collect()
}
