//! Answers that somebody else gives.

use harness::MacAddress;
use rstest::{Context, rstest};

use super::{
    injection::Step,
    mutation::{Kind, Mutation, Place},
    scenario::{DOCKER1_DOCKER2, HOST_DOCKER2, NODE_1_DOCKER2, Scenario},
    trial::try_out,
};
use crate::rule::{Act, Kind as Carrying, Rule, Towards, Which};

const STRANGER: MacAddress = MacAddress([2, 0, 0, 0, 0, 0xee]);

const fn answer(kind: Carrying, towards: Towards, act: Act) -> Rule {
    Rule { which: Which { kind, towards, nth: None }, act }
}

const PROXY: &[Rule] = &[answer(Carrying::ArpRequest, Towards::Switch, Act::AnswerFor(STRANGER))];
const EARLY: &[Rule] = &[answer(Carrying::ArpRequest, Towards::Switch, Act::AnswerBeside(STRANGER))];
const LATE: &[Rule] = &[answer(Carrying::ArpReply, Towards::Node, Act::Repeat(STRANGER))];
const FAR_PROXY: &[Rule] = &[answer(Carrying::ArpRequest, Towards::Node, Act::AnswerFor(STRANGER))];

/// The wire to node-1 or to node-2 answers for docker2 with a stranger's MAC address.
#[rstest]
#[case::a_stranger_that_answers_for_docker2("node-1", PROXY, "node-1/ens33")]
#[case::a_forged_reply_before_the_true_one("node-1", EARLY, "node-1/ens33")]
#[case::a_forged_reply_behind_the_true_one("node-1", LATE, "node-1/ens33")]
#[case::a_stranger_near_docker2("node-2", FAR_PROXY, "host/port-node-2")]
#[tokio::test]
async fn forged(
    #[context] context: Context,
    #[case] node: &'static str,
    #[case] rules: &'static [Rule],
    #[case] entered: &'static str,
) -> miette::Result<()> {
    let steps = &[Step::Wire(node, rules)];
    let mutation = Mutation {
        kind: Kind::Fault,
        steps,
        crossed: &[DOCKER1_DOCKER2, NODE_1_DOCKER2],
        places: &[Place::Entered(entered)],
        causes: &[],
    };
    try_out(&context, mutation).await
}

const PROXY_ARP: Step = Step::Change(
    "node-1",
    "ip link add name aside type veth peer name aside-peer && ip link set aside up && ip link set aside-peer up && \
     ip route add 192.168.245.181/32 dev aside && echo 1 >/proc/sys/net/ipv4/conf/ens33/forwarding && \
     echo 1 >/proc/sys/net/ipv4/conf/ens33/proxy_arp && echo 0 >/proc/sys/net/ipv4/neigh/ens33/proxy_delay",
    "ip link del aside; echo 0 >/proc/sys/net/ipv4/conf/ens33/proxy_arp; \
     echo 0 >/proc/sys/net/ipv4/conf/ens33/forwarding; echo 80 >/proc/sys/net/ipv4/neigh/ens33/proxy_delay",
);
/// A container that the topology does not know, beside docker1.
const BESIDE_DOCKER1: Step = Step::Change(
    "node-1",
    "ip netns add other && ip link add other0 link ens33 type macvlan mode bridge && ip link set other0 netns other && \
     ip netns exec other sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' && \
     ip -n other address add 192.168.245.181/24 dev other0 && ip -n other link set other0 up",
    "ip netns del other",
);
/// A machine on the switch that the topology does not know.
const BESIDE_THE_NODES: Step = Step::Change(
    "host",
    "ip netns add other && ip link add name other0 type veth peer name other1 netns other && \
     ip netns exec other sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' && \
     ip link set other0 master bridge102 up && \
     ip -n other address add 192.168.245.181/24 dev other1 && ip -n other link set other1 up",
    "ip netns del other; ip link del other0",
);

#[rstest]
#[case::a_node_that_answers_for_others(PROXY_ARP, &[HOST_DOCKER2], &["node-1/ens33"], &["proxied-arp"])]
#[case::a_container_with_docker2s_address(
    BESIDE_DOCKER1, &[DOCKER1_DOCKER2, HOST_DOCKER2], &["node-1/ens33"], &["duplicate-ip"]
)]
#[case::a_machine_with_docker2s_address(
    BESIDE_THE_NODES, &[HOST_DOCKER2, DOCKER1_DOCKER2, NODE_1_DOCKER2],
    &["host/port-node-1", "host/bridge102"], &["duplicate-ip"]
)]
#[tokio::test]
async fn a_second_owner(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] entered: &[&'static str],
    #[case] causes: &[&str],
) -> miette::Result<()> {
    let places: Vec<Place> = entered.iter().copied().map(Place::Entered).collect();
    let places = places.as_slice();
    try_out(&context, Mutation { kind: Kind::Fault, steps: &[step], crossed, places, causes }).await
}
