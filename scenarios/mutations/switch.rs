//! Switches that drop.

use rstest::{Context, rstest};

use super::{
    injection::Step,
    mutation::{ANSWER, ECHO, ECHO_REPLY, Kind, Mutation, Place, QUESTION},
    scenario::{DOCKER1_DOCKER2, DOCKER2_DOCKER1, HOST_DOCKER2, NODE_1_DOCKER2, Scenario},
    trial::try_out,
};

const fn on_the_host(command: &'static str, undo: &'static str) -> Step {
    Step::Change("host", command, undo)
}

/// Between the ports, or from the host's own interface to docker2's.
const fn inside(frame: &'static str) -> [Place; 2] {
    [
        Place::lost(frame, ("host/port-node-1", "host/port-node-2")),
        Place::lost(frame, ("host/bridge102", "host/port-node-2")),
    ]
}

const IN_BY_NODE_1: (&str, &str) = ("host/port-node-1", "host/port-node-2");
const OUT_BY_NODE_1: (&str, &str) = ("host/port-node-2", "host/port-node-1");

#[rstest]
#[case::foreign_sources(
    on_the_host(
        "bridge link set dev port-node-1 locked on",
        "bridge link set dev port-node-1 locked off"
    ),
    &[DOCKER1_DOCKER2, DOCKER2_DOCKER1], &[Place::lost(QUESTION, IN_BY_NODE_1).one_way(), Place::lost(ANSWER, IN_BY_NODE_1).one_way()], &["forged-transmits-rejected"]
)]
#[case::foreign_destinations(
    on_the_host(
        "bridge link set dev port-node-1 learning off flood off",
        "bridge link set dev port-node-1 learning on flood on"
    ),
    &[DOCKER1_DOCKER2], &[Place::lost(ANSWER, OUT_BY_NODE_1).one_way()], &["promiscuous-rejected"]
)]
#[case::all(
    on_the_host("bridge link set dev port-node-2 state 0", "bridge link set dev port-node-2 state 3"),
    &[DOCKER1_DOCKER2, HOST_DOCKER2, NODE_1_DOCKER2], &inside(QUESTION), &["port-not-forwarding"]
)]
#[case::questions(
    on_the_host(
        "nft add table bridge guard && nft 'add chain bridge guard way { type filter hook forward priority 0; }' && \
         nft 'add rule bridge guard way ether type arp arp operation request drop'",
        "nft delete table bridge guard"
    ),
    &[DOCKER1_DOCKER2, DOCKER2_DOCKER1, NODE_1_DOCKER2], &inside(QUESTION), &[]
)]
#[case::answers(
    on_the_host(
        "nft add table bridge guard && nft 'add chain bridge guard way { type filter hook forward priority 0; }' && \
         nft 'add rule bridge guard way ether type arp arp operation reply drop'",
        "nft delete table bridge guard"
    ),
    &[DOCKER1_DOCKER2, DOCKER2_DOCKER1, NODE_1_DOCKER2], &inside(ANSWER), &[]
)]
#[case::echo_requests(
    on_the_host(
        "nft add table bridge guard && nft 'add chain bridge guard way { type filter hook forward priority 0; }' && \
         nft 'add rule bridge guard way icmp type echo-request drop'",
        "nft delete table bridge guard"
    ),
    &[DOCKER1_DOCKER2, NODE_1_DOCKER2], &inside(ECHO), &[]
)]
#[case::echo_replies(
    on_the_host(
        "nft add table bridge guard && nft 'add chain bridge guard way { type filter hook forward priority 0; }' && \
         nft 'add rule bridge guard way icmp type echo-reply drop'",
        "nft delete table bridge guard"
    ),
    &[DOCKER1_DOCKER2, NODE_1_DOCKER2], &inside(ECHO_REPLY), &[]
)]
#[case::what_it_takes_for_routed(
    on_the_host(
        "echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables && nft add table ip guard && \
         nft 'add chain ip guard forward { type filter hook forward priority 0; policy drop; }'",
        "nft delete table ip guard"
    ),
    &[DOCKER1_DOCKER2, DOCKER2_DOCKER1], &inside(ECHO), &["bridge-netfilter"]
)]
#[tokio::test]
async fn a_switch_drops(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] places: &[Place],
    #[case] causes: &[&str],
) -> miette::Result<()> {
    try_out(&context, Mutation { kind: Kind::Fault, steps: &[step], crossed, places, causes }).await
}
