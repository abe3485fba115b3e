//! Frames that a wire changes.

use std::net::Ipv4Addr;

use harness::{MacAddress, diagnosis::Happening};
use rstest::{Context, rstest};

use super::{
    injection::Step,
    mutation::{ANSWER, ECHO, ECHO_REPLY, Kind, Mutation, Place, QUESTION},
    scenario::{ACROSS, TUTORIAL},
    trial::try_out,
};
use crate::rule::{Act, Kind as Carrying, Rule, Towards, Which};

const FAR: (&str, &str) = ("host/port-node-2", "node-2/ens33");
const TO_THE_SWITCH: (&str, &str) = ("node-2/ens33", "host/port-node-2");
const ROUTER: MacAddress = MacAddress([2, 0, 0, 0, 0, 0xee]);
const NAT: Act = Act::Translate(Ipv4Addr::new(192, 168, 245, 180), Ipv4Addr::new(192, 168, 245, 9));

const fn change(kind: Carrying, towards: Towards, act: Act) -> Rule {
    Rule { which: Which { kind, towards, nth: None }, act }
}

const fn altered_at(frame: &'static str, at: (&'static str, &'static str)) -> Place {
    Place::turned(Happening::Altered, frame, at)
}

const CORRUPT_REQUEST: &[Rule] = &[change(Carrying::EchoRequest, Towards::Node, Act::Corrupt)];
const CORRUPT_REPLY: &[Rule] = &[change(Carrying::EchoReply, Towards::Switch, Act::Corrupt)];
const ROUTE: &[Rule] = &[change(Carrying::Echo, Towards::Both, Act::Route(ROUTER))];
const ROUTE_BACK: &[Rule] = &[change(Carrying::Echo, Towards::Switch, Act::Route(ROUTER))];
const TRANSLATE: &[Rule] = &[change(Carrying::Echo, Towards::Both, NAT)];

/// Whatever docker1 sends: the request, or the reply where docker2 asks.
const THERE: &[Place] = &[altered_at(ECHO, FAR).one_way(), altered_at(ECHO_REPLY, FAR).one_way()];
/// Whatever docker2 sends.
const BACK: &[Place] =
    &[altered_at(ECHO, TO_THE_SWITCH).one_way(), altered_at(ECHO_REPLY, TO_THE_SWITCH).one_way()];

#[rstest]
#[case::the_payload_of_requests(CORRUPT_REQUEST, &[altered_at(ECHO, FAR).one_way()])]
#[case::the_payload_of_replies(CORRUPT_REPLY, &[altered_at(ECHO_REPLY, TO_THE_SWITCH).one_way()])]
#[case::by_a_router(ROUTE, &[altered_at(ECHO, FAR)])]
#[case::by_a_router_on_the_way_back(ROUTE_BACK, BACK)]
#[case::by_a_translator_of_addresses(TRANSLATE, THERE)]
#[tokio::test]
async fn altered(
    #[context] context: Context,
    #[case] rules: &'static [Rule],
    #[case] places: &[Place],
) -> miette::Result<()> {
    let steps = &[Step::Wire("node-2", rules)];
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed: TUTORIAL, places, causes: &[] }).await
}

const TAG_IN: &[Rule] = &[change(Carrying::Any, Towards::Node, Act::Tag(100))];
const TAG_OUT: &[Rule] = &[change(Carrying::Any, Towards::Switch, Act::Tag(100))];

/// Nobody takes the tag off: it arrives, and is nobody's.
#[rstest]
#[case::on_the_way_to_the_node(TAG_IN, FAR)]
#[case::on_the_way_to_the_switch(TAG_OUT, TO_THE_SWITCH)]
#[tokio::test]
async fn tagged(
    #[context] context: Context,
    #[case] rules: &'static [Rule],
    #[case] at: (&'static str, &'static str),
) -> miette::Result<()> {
    let steps = &[Step::Wire("node-2", rules)];
    let places = &[altered_at(QUESTION, at).one_way(), altered_at(ANSWER, at).one_way()];
    let causes = &["vlan-mismatch"];
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed: ACROSS, places, causes }).await
}

const NARROW: &[Rule] = &[change(Carrying::Any, Towards::Both, Act::DropLongerThan(80))];

#[rstest]
#[case::a_wire_that_takes_shorter_frames(Step::Wire("node-2", NARROW))]
#[case::a_node_that_takes_shorter_frames(Step::Change(
    "node-2",
    "ip link set ens33 mtu 68",
    "ip link set ens33 mtu 1500"
))]
#[tokio::test]
async fn cut_off(#[context] context: Context, #[case] step: Step) -> miette::Result<()> {
    let mutation = Mutation {
        kind: Kind::Fault,
        steps: &[step],
        crossed: &ACROSS[..1],
        places: &[Place::lost(ECHO, FAR)],
        causes: &["mtu-black-hole"],
    };
    try_out(&context, mutation).await
}
