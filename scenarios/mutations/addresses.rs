//! Addresses, routes and neighbours that are not as they should be.

use rstest::{Context, rstest};

use super::{
    injection::{NOTHING, Step},
    mutation::{ECHO, Kind, Mutation, NOTHING_YET, Place, QUESTION},
    scenario::{DOCKER1_DOCKER2, HOST_DOCKER2, NODE_1_DOCKER2, Scenario},
    trial::try_out,
};

const TO_DOCKER2: &[Scenario] = &[DOCKER1_DOCKER2, HOST_DOCKER2, NODE_1_DOCKER2];
const FROM_DOCKER1: &[Scenario] = &[DOCKER1_DOCKER2];
const AT_DOCKER2: Place = Place::unanswered(QUESTION, "docker2/macvlan1");
const ECHO_AT_DOCKER2: Place = Place::unanswered(ECHO, "docker2/macvlan1");
const INTO_DOCKER2: Place = Place::lost(ECHO, ("node-2/ens33", "docker2/macvlan1"));
const QUESTION_INTO_DOCKER2: Place = Place::lost(QUESTION, ("node-2/ens33", "docker2/macvlan1"));
const NEVER: Place = Place::never_sent(NOTHING_YET, "docker1/macvlan1");

const fn inside(container: &'static str, command: &'static str) -> Step {
    Step::Change(container, command, NOTHING)
}

#[rstest]
#[case::no_address(inside("docker2", "ip address flush dev macvlan1"), TO_DOCKER2, AT_DOCKER2, &["no-address"])]
#[case::another_address(
    inside("docker2", "sh -c 'ip address flush dev macvlan1; ip address add 192.168.245.199/24 dev macvlan1'"),
    TO_DOCKER2, AT_DOCKER2, &["no-such-address"]
)]
#[case::another_subnet(
    inside("docker2", "sh -c 'ip address flush dev macvlan1; ip address add 10.0.0.181/24 dev macvlan1'"),
    TO_DOCKER2, AT_DOCKER2, &["wrong-subnet"]
)]
#[case::a_prefix_of_one_address(
    inside("docker2", "sh -c 'ip address flush dev macvlan1; ip address add 192.168.245.181/32 dev macvlan1'"),
    TO_DOCKER2, ECHO_AT_DOCKER2, &["no-route-back"]
)]
#[case::a_prefix_that_leaves_the_askers_out(
    inside("docker2", "sh -c 'ip address flush dev macvlan1; ip address add 192.168.245.181/31 dev macvlan1'"),
    &[HOST_DOCKER2, NODE_1_DOCKER2], ECHO_AT_DOCKER2, &["no-route-back"]
)]
#[case::an_asker_with_a_prefix_of_one_address(
    inside("docker1", "sh -c 'ip address flush dev macvlan1; ip address add 192.168.245.180/32 dev macvlan1'"),
    FROM_DOCKER1, NEVER, &["wrong-subnet"]
)]
#[case::an_asker_without_address(
    inside("docker1", "ip address flush dev macvlan1"),
    FROM_DOCKER1, NEVER, &["no-address"]
)]
#[case::an_asker_that_has_the_address_itself(
    inside("docker1", "ip address add 192.168.245.181/32 dev lo"),
    FROM_DOCKER1, NEVER, &["own-address"]
)]
#[case::one_mac_address_twice(
    Step::Containers(|container| container.mac = "02:00:00:00:00:55".parse().ok()),
    FROM_DOCKER1, QUESTION_INTO_DOCKER2, &["duplicate-mac"]
)]
#[case::a_stale_neighbour(
    inside("docker1", "ip neigh replace 192.168.245.181 lladdr 02:00:00:00:00:99 dev macvlan1 nud permanent"),
    FROM_DOCKER1, INTO_DOCKER2, &["stale-neighbour"]
)]
#[case::a_forged_neighbour(
    inside(
        "docker1",
        "sh -c 'ping -c 1 -W 1 192.168.245.172 >/dev/null; \
         mac=$(ip neigh show 192.168.245.172 | cut -d \" \" -f 5); \
         ip neigh replace 192.168.245.181 lladdr $mac dev macvlan1 nud permanent; ip neigh del 192.168.245.172 dev macvlan1'"
    ),
    FROM_DOCKER1, INTO_DOCKER2, &["stale-neighbour"]
)]
#[case::a_container_that_answers_no_echo(
    inside("docker2", "sh -c 'echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all'"),
    TO_DOCKER2, ECHO_AT_DOCKER2, &[]
)]
#[case::a_container_that_answers_no_question(
    inside("docker2", "sh -c 'echo 8 >/proc/sys/net/ipv4/conf/macvlan1/arp_ignore'"),
    TO_DOCKER2, AT_DOCKER2, &[]
)]
#[tokio::test]
async fn wrong(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] place: Place,
    #[case] causes: &[&str],
) -> miette::Result<()> {
    try_out(&context, Mutation { kind: Kind::Fault, steps: &[step], crossed, places: &[place], causes }).await
}
