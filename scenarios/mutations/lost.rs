//! Frames that a wire loses: each kind, at each node's.

use rstest::{Context, rstest};

use super::{
    injection::Step,
    mutation::{ANSWER, ECHO, ECHO_REPLY, Kind, Mutation, Place, QUESTION},
    scenario::{ACROSS, Scenario, TUTORIAL},
    trial::try_out,
};
use crate::rule::{Act, Kind as Carrying, Rule, Towards, Which};

const NEAR: (&str, &str) = ("node-1/ens33", "host/port-node-1");
const FAR: (&str, &str) = ("host/port-node-2", "node-2/ens33");

const fn lose(kind: Carrying, towards: Towards, nth: Option<usize>) -> Rule {
    Rule { which: Which { kind, towards, nth }, act: Act::Drop }
}

const ARP_REQUESTS_IN: &[Rule] = &[lose(Carrying::ArpRequest, Towards::Node, None)];
const ARP_REQUESTS_OUT: &[Rule] = &[lose(Carrying::ArpRequest, Towards::Switch, None)];
const ARP_REPLIES_IN: &[Rule] = &[lose(Carrying::ArpReply, Towards::Node, None)];
const ARP_REPLIES_OUT: &[Rule] = &[lose(Carrying::ArpReply, Towards::Switch, None)];
const ECHO_REQUESTS_IN: &[Rule] = &[lose(Carrying::EchoRequest, Towards::Node, None)];
const ECHO_REQUESTS_OUT: &[Rule] = &[lose(Carrying::EchoRequest, Towards::Switch, None)];
const ECHO_REPLIES_IN: &[Rule] = &[lose(Carrying::EchoReply, Towards::Node, None)];
const ECHO_REPLIES_OUT: &[Rule] = &[lose(Carrying::EchoReply, Towards::Switch, None)];
const ALL: &[Rule] = &[lose(Carrying::Any, Towards::Both, None)];

#[rstest]
#[case::arp_requests_to_node_2("node-2", ARP_REQUESTS_IN, Place::lost(QUESTION, FAR), ACROSS)]
#[case::arp_requests_from_node_2("node-2", ARP_REQUESTS_OUT, Place::lost(QUESTION, FAR), ACROSS)]
#[case::arp_replies_to_node_2("node-2", ARP_REPLIES_IN, Place::lost(ANSWER, FAR), ACROSS)]
#[case::arp_replies_from_node_2("node-2", ARP_REPLIES_OUT, Place::lost(ANSWER, FAR), TUTORIAL)]
#[case::echo_requests_to_node_2("node-2", ECHO_REQUESTS_IN, Place::lost(ECHO, FAR), TUTORIAL)]
#[case::echo_replies_from_node_2("node-2", ECHO_REPLIES_OUT, Place::lost(ECHO_REPLY, FAR), ACROSS)]
#[case::all_at_node_2("node-2", ALL, Place::lost(QUESTION, FAR), ACROSS)]
#[case::arp_requests_to_node_1("node-1", ARP_REQUESTS_IN, Place::lost(QUESTION, NEAR), ACROSS)]
#[case::arp_requests_from_node_1("node-1", ARP_REQUESTS_OUT, Place::lost(QUESTION, NEAR), ACROSS)]
#[case::arp_replies_to_node_1("node-1", ARP_REPLIES_IN, Place::lost(ANSWER, NEAR), ACROSS)]
#[case::arp_replies_from_node_1("node-1", ARP_REPLIES_OUT, Place::lost(ANSWER, NEAR), ACROSS)]
#[case::echo_requests_from_node_1("node-1", ECHO_REQUESTS_OUT, Place::lost(ECHO, NEAR), ACROSS)]
#[case::echo_replies_to_node_1("node-1", ECHO_REPLIES_IN, Place::lost(ECHO_REPLY, NEAR), TUTORIAL)]
#[tokio::test]
async fn are_lost(
    #[context] context: Context,
    #[case] node: &'static str,
    #[case] rules: &'static [Rule],
    #[case] place: Place,
    #[case] crossed: &[Scenario],
) -> miette::Result<()> {
    let steps = &[Step::Wire(node, rules)];
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed, places: &[place], causes: &[] }).await
}

const FIRST_ARP_REQUEST: &[Rule] = &[lose(Carrying::ArpRequest, Towards::Both, Some(1))];
const FIRST_ARP_REPLY: &[Rule] = &[lose(Carrying::ArpReply, Towards::Both, Some(1))];

/// The kernel asks again, ping is answered, and yet something is wrong.
#[rstest]
#[case::one_copy_of_an_arp_request(FIRST_ARP_REQUEST, QUESTION)]
#[case::one_copy_of_an_arp_reply(FIRST_ARP_REPLY, ANSWER)]
#[tokio::test]
async fn is_lost_and_sent_again(
    #[context] context: Context,
    #[case] rules: &'static [Rule],
    #[case] frame: &'static str,
) -> miette::Result<()> {
    let steps = &[Step::Wire("node-2", rules), Step::AtItsOwnPace];
    let places = &[Place::lost(frame, FAR)];
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed: ACROSS, places, causes: &[] }).await
}
