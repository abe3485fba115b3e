//! Frames that arrive more often than they were sent, or where they were not sent.

use harness::diagnosis::Happening;
use rstest::{Context, rstest};

use super::{
    injection::Step,
    mutation::{ANSWER, At, ECHO, ECHO_REPLY, Kind, Mutation, Place, QUESTION},
    scenario::{ACROSS, DOCKER1_HOST, HOST_DOCKER1, HOST_DOCKER2, Scenario},
    trial::try_out,
};
use crate::rule::{Act, Kind as Carrying, Rule, Towards, Which};

const FAR: (&str, &str) = ("host/port-node-2", "node-2/ens33");

const fn double(kind: Carrying) -> Rule {
    Rule { which: Which { kind, towards: Towards::Both, nth: None }, act: Act::Double }
}

const ARP_REQUESTS: &[Rule] = &[double(Carrying::ArpRequest)];
const ARP_REPLIES: &[Rule] = &[double(Carrying::ArpReply)];
const ECHO_REQUESTS: &[Rule] = &[double(Carrying::EchoRequest)];
const ECHO_REPLIES: &[Rule] = &[double(Carrying::EchoReply)];

#[rstest]
#[case::arp_requests(ARP_REQUESTS, QUESTION)]
#[case::arp_replies(ARP_REPLIES, ANSWER)]
#[case::echo_requests(ECHO_REQUESTS, ECHO)]
#[case::echo_replies(ECHO_REPLIES, ECHO_REPLY)]
#[tokio::test]
async fn doubled(
    #[context] context: Context,
    #[case] rules: &'static [Rule],
    #[case] frame: &'static str,
) -> miette::Result<()> {
    let steps = &[Step::Wire("node-2", rules)];
    let places = &[Place::turned(Happening::Doubled, frame, FAR)];
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed: ACROSS, places, causes: &[] }).await
}

const LEARNS_NOTHING: Step = Step::Change(
    "host",
    "bridge link set dev port-node-1 learning off",
    "bridge link set dev port-node-1 learning on",
);
const HUB: Step = Step::Change(
    "host",
    "ip link set bridge102 type bridge ageing_time 0",
    "ip link set bridge102 type bridge ageing_time 30000",
);
const COPIES: Step = Step::Change(
    "host",
    "nft add table netdev leak && \
     nft 'add chain netdev leak inlet { type filter hook ingress device \"port-node-1\" priority 0; }' && \
     nft 'add rule netdev leak inlet ip protocol icmp dup to \"port-node-2\"'",
    "nft delete table netdev leak",
);

/// It came to its receiver, and left by another port beside.
const fn astray(frame: &'static str, last: &'static str, port: &'static str) -> Place {
    Place { happening: Happening::Strayed, frame, at: At::Astray(last, port), stranger_at: None }
}

/// What is for one machine is sent to another too.
#[rstest]
#[case::by_a_port_that_learns_nothing(
    LEARNS_NOTHING, &[DOCKER1_HOST], &[astray(ANSWER, "docker1/macvlan1", "host/port-node-2")]
)]
#[case::by_a_switch_that_is_a_hub(
    HUB, &[HOST_DOCKER1], &[astray(ECHO, "docker1/macvlan1", "host/port-node-2")]
)]
#[case::by_a_switch_that_is_a_hub_for_docker2(
    HUB, &[HOST_DOCKER2], &[astray(ECHO, "docker2/macvlan1", "host/port-node-1")]
)]
#[case::by_a_switch_that_is_a_hub_for_the_host(
    HUB, &[DOCKER1_HOST], &[astray(ANSWER, "docker1/macvlan1", "host/port-node-2")]
)]
#[case::by_a_copy_to_another_port(
    COPIES, &[DOCKER1_HOST], &[astray(ECHO, "host/bridge102", "host/port-node-2")]
)]
#[tokio::test]
async fn leaked(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] places: &[Place],
) -> miette::Result<()> {
    try_out(&context, Mutation { kind: Kind::Fault, steps: &[step], crossed, places, causes: &[] }).await
}
