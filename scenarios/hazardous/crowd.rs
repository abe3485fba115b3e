//! Many containers on one node.

use std::net::Ipv4Addr;

use futures_util::future::try_join_all;
use harness::topology::{Container, Topology};
use ipnet::Ipv4Net;

use crate::common::lab_with;

const CROWD: u32 = 20;

/// Each of twenty siblings has an address of its own, and reaches the next one and the other node's container.
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
    lab.is_judged();
    Ok(())
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
