//! Links that are down, or go down in the middle.

use rstest::{Context, rstest};

use super::{
    injection::{NOTHING, Step},
    mutation::{Kind, Mutation, Place, QUESTION},
    scenario::{DOCKER1_DOCKER2, HOST_DOCKER2, TWICE},
    trial::try_out,
};

const CHILD: (&str, &str, &str) = ("docker2", "ip link set macvlan1 down", NOTHING);
const PARENT: (&str, &str, &str) = ("node-2", "ip link set ens33 down", "ip link set ens33 up");
const PORT: (&str, &str, &str) = ("host", "ip link set port-node-2 down", "ip link set port-node-2 up");

const fn before((endpoint, command, undo): (&'static str, &'static str, &'static str)) -> Step {
    Step::Change(endpoint, command, undo)
}

const fn meanwhile((endpoint, command, undo): (&'static str, &'static str, &'static str)) -> Step {
    Step::Meanwhile(endpoint, command, undo)
}

const INTO_DOCKER2: &[Place] = &[Place::lost(QUESTION, ("node-2/ens33", "docker2/macvlan1"))];
const INTO_THE_PORT: &[Place] = &[
    Place::lost(QUESTION, ("host/port-node-1", "host/port-node-2")),
    Place::lost(QUESTION, ("host/bridge102", "host/port-node-2")),
];

#[rstest]
#[case::the_child(before(CHILD), INTO_DOCKER2, &["child-down"])]
#[case::the_parent(before(PARENT), INTO_THE_PORT, &["link-down"])]
#[case::the_port(before(PORT), INTO_THE_PORT, &["link-down"])]
#[case::the_child_while_captured(meanwhile(CHILD), INTO_DOCKER2, &["child-down"])]
#[case::the_parent_while_captured(meanwhile(PARENT), INTO_THE_PORT, &["link-down"])]
#[case::the_port_while_captured(meanwhile(PORT), INTO_THE_PORT, &["link-down"])]
#[tokio::test]
async fn down(
    #[context] context: Context,
    #[case] step: Step,
    #[case] places: &[Place],
    #[case] causes: &[&str],
) -> miette::Result<()> {
    let crossed = &[DOCKER1_DOCKER2, HOST_DOCKER2];
    try_out(&context, Mutation { kind: Kind::Fault, steps: &[step], crossed, places, causes }).await
}

const SECOND_ECHO: &str = "echo request seq 2";

/// One echo was answered, and the next is not.
#[rstest]
#[case::the_child(CHILD, ("node-2/ens33", "docker2/macvlan1"), &["child-down"])]
#[case::the_parent(PARENT, ("host/port-node-1", "host/port-node-2"), &["link-down"])]
#[case::the_port(PORT, ("host/port-node-1", "host/port-node-2"), &["link-down"])]
#[tokio::test]
async fn down_between_two_echoes(
    #[context] context: Context,
    #[case] (endpoint, command, undo): (&'static str, &'static str, &'static str),
    #[case] at: (&'static str, &'static str),
    #[case] causes: &[&str],
) -> miette::Result<()> {
    let steps = &[Step::BetweenEchoes(endpoint, command, undo)];
    let places = &[Place::lost(SECOND_ECHO, at)];
    try_out(&context, Mutation { kind: Kind::Fault, steps, crossed: &[TWICE], places, causes }).await
}
