//! Answers that somebody else gives.

use harness::MacAddress;
use rstest::{Context, rstest};

use super::{
    injection::Step,
    mutation::{ECHO, Kind, Mutation, Place},
    scenario::{DOCKER1_DOCKER2, HOST_DOCKER2, NODE_1_DOCKER2, Scenario, TWICE},
    trial::try_out,
};
use crate::rule::{Act, Kind as Carrying, Rule, Towards, Which};

/// What a stranger says, who has no name.
const FORGED: &str = "ARP reply TO is-at unknown#1";
const STRANGER: MacAddress = MacAddress([2, 0, 0, 0, 0, 0xee]);

const fn answer(kind: Carrying, towards: Towards, act: Act) -> Rule {
    Rule { which: Which { kind, towards, nth: None }, act }
}

const PROXY: &[Rule] = &[answer(Carrying::ArpRequest, Towards::Switch, Act::AnswerFor(STRANGER))];
const EARLY: &[Rule] = &[answer(Carrying::ArpRequest, Towards::Switch, Act::AnswerBeside(STRANGER))];
const LATE: &[Rule] = &[answer(Carrying::ArpReply, Towards::Node, Act::Repeat(STRANGER, 0))];
const BEHIND_THE_ECHO: &[Rule] = &[answer(Carrying::ArpReply, Towards::Node, Act::Repeat(STRANGER, 300))];
/// Behind the second in which the kernel believes the first answer alone (`locktime`, arp(7)).
const BEHIND_LOCKTIME: &[Rule] = &[answer(Carrying::ArpReply, Towards::Node, Act::Repeat(STRANGER, 1500))];
const FAR_PROXY: &[Rule] = &[answer(Carrying::ArpRequest, Towards::Node, Act::AnswerFor(STRANGER))];

const INTO_DOCKER2: (&str, &str) = ("node-2/ens33", "docker2/macvlan1");
/// The echo goes to nobody's MAC address, and everywhere.
const MISLED: Place = Place::lost(ECHO, INTO_DOCKER2).by_a_stranger_at("node-1/ens33");

/// The wire to node-1 or to node-2 answers for docker2 with a stranger's MAC address.
#[rstest]
#[case::a_stranger_that_answers_for_docker2("node-1", PROXY, MISLED)]
#[case::a_forged_reply_before_the_true_one("node-1", EARLY, MISLED)]
#[case::a_forged_reply_behind_the_true_one("node-1", LATE, Place::entered(FORGED, "node-1/ens33"))]
#[case::a_stranger_near_docker2("node-2", FAR_PROXY, Place::lost(ECHO, INTO_DOCKER2).by_a_stranger_at("host/port-node-2"))]
#[tokio::test]
async fn forged(
    #[context] context: Context,
    #[case] node: &'static str,
    #[case] rules: &'static [Rule],
    #[case] place: Place,
) -> miette::Result<()> {
    let steps = &[Step::Wire(node, rules)];
    let mutation = Mutation {
        kind: Kind::Fault,
        steps,
        crossed: &[DOCKER1_DOCKER2, NODE_1_DOCKER2],
        places: &[place],
        causes: &[],
    };
    try_out(&context, mutation).await
}

/// The true one is answered at once, so is the echo, and then comes another.
#[rstest]
#[case::a_forged_reply_behind_the_echo(
    &[Step::Wire("node-1", BEHIND_THE_ECHO), Step::AwaitSecondAnswer], &[DOCKER1_DOCKER2, NODE_1_DOCKER2],
    Place::entered(FORGED, "node-1/ens33")
)]
#[case::a_forged_reply_between_two_echoes(
    &[Step::Wire("node-1", BEHIND_LOCKTIME), Step::Slowly], &[TWICE],
    Place::lost("echo request seq 2", INTO_DOCKER2).by_a_stranger_at("node-1/ens33")
)]
#[tokio::test]
async fn forged_later(
    #[context] context: Context,
    #[case] steps: &[Step],
    #[case] crossed: &[Scenario],
    #[case] place: Place,
) -> miette::Result<()> {
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed, places: &[place], causes: &[] }).await
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

const BY_THE_BRIDGE: (&str, &str) = ("host/bridge102", "host/port-node-2");
const BETWEEN_PORTS: (&str, &str) = ("host/port-node-1", "host/port-node-2");
const OUT_OF_NODE_1: (&str, &str) = ("node-1/ens33", "host/port-node-1");

#[rstest]
#[case::a_node_that_answers_for_others(
    PROXY_ARP, &[HOST_DOCKER2], &[Place::lost(ECHO, BY_THE_BRIDGE).by_a_stranger_at("node-1/ens33")], &["proxied-arp"]
)]
// Whoever answers first has the echo.
#[case::a_container_with_docker2s_address(
    BESIDE_DOCKER1, &[DOCKER1_DOCKER2, HOST_DOCKER2],
    &[
        Place::lost(ECHO, OUT_OF_NODE_1).by_a_stranger_at("node-1/ens33"),
        Place::lost(ECHO, BY_THE_BRIDGE).by_a_stranger_at("node-1/ens33"),
        Place::entered(FORGED, "node-1/ens33"),
    ],
    &["duplicate-ip"]
)]
#[case::a_machine_with_docker2s_address(
    BESIDE_THE_NODES, &[HOST_DOCKER2],
    &[
        Place::lost(ECHO, BY_THE_BRIDGE).by_a_stranger_at("host/bridge102"),
        Place::entered(FORGED, "host/bridge102"),
    ],
    &["duplicate-ip"]
)]
#[case::a_machine_with_docker2s_address_at_the_switch(
    BESIDE_THE_NODES, &[DOCKER1_DOCKER2, NODE_1_DOCKER2],
    &[
        Place::lost(ECHO, BETWEEN_PORTS).by_a_stranger_at("host/port-node-1"),
        Place::entered(FORGED, "host/port-node-1"),
    ],
    &["duplicate-ip"]
)]
#[tokio::test]
async fn a_second_owner(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] places: &[Place],
    #[case] causes: &[&str],
) -> miette::Result<()> {
    try_out(&context, Mutation { kind: Kind::Fault, steps: &[step], crossed, places, causes }).await
}
