//! Frames that come too late, or in another order.

use harness::diagnosis::Happening;
use rstest::{Context, rstest};

use super::{
    injection::Step,
    mutation::{ECHO, ECHO_REPLY, Kind, Mutation, Place},
    scenario::{ACROSS, TWICE},
    trial::try_out,
};
use crate::rule::{Act, Kind as Carrying, Rule, Towards, Which};

const FAR: (&str, &str) = ("host/port-node-2", "node-2/ens33");

const fn each(kind: Carrying, towards: Towards) -> Which {
    Which { kind, towards, nth: None }
}

#[rstest]
#[case::a_reply(each(Carrying::EchoReply, Towards::Both))]
#[case::a_request(each(Carrying::EchoRequest, Towards::Both))]
#[tokio::test]
async fn behind_the_deadline(#[context] context: Context, #[case] which: Which) -> miette::Result<()> {
    let steps = &[Step::PastDeadline("node-2", which), Step::AwaitReply];
    // It is the reply that comes late, whichever of the two took its time.
    let places = &[Place::turned(Happening::Late, ECHO_REPLY, FAR)];
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed: ACROSS, places, causes: &[] }).await
}

const fn first(kind: Carrying) -> Rule {
    Rule { which: Which { kind, towards: Towards::Both, nth: Some(1) }, act: Act::FallBehind }
}

const FIRST_REQUEST: &[Rule] = &[first(Carrying::EchoRequest)];
const FIRST_REPLY: &[Rule] = &[first(Carrying::EchoReply)];

#[rstest]
#[case::requests(FIRST_REQUEST, ECHO)]
#[case::replies(FIRST_REPLY, ECHO_REPLY)]
#[tokio::test]
async fn in_another_order(
    #[context] context: Context,
    #[case] rules: &'static [Rule],
    #[case] frame: &'static str,
) -> miette::Result<()> {
    let steps = &[Step::Wire("node-2", rules), Step::AtItsOwnPace];
    let (crossed, places) = (&[TWICE], &[Place::turned(Happening::Overtaken, frame, FAR)]);
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed, places, causes: &[] }).await
}
