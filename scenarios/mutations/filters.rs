//! Frames that a machine itself drops.

use rstest::{Context, rstest};

use super::{
    injection::{NOTHING, Step},
    mutation::{ECHO, Kind, Mutation, Place, QUESTION},
    scenario::{DOCKER1_DOCKER2, HOST_DOCKER2, NODE_1_DOCKER2, Scenario},
    trial::try_out,
};

const TO_DOCKER2: &[Scenario] = &[DOCKER1_DOCKER2, HOST_DOCKER2, NODE_1_DOCKER2];
const QUESTION_AT_DOCKER2: Place = Place::unanswered(QUESTION, "docker2/macvlan1");
const ECHO_AT_DOCKER2: Place = Place::unanswered(ECHO, "docker2/macvlan1");
const INTO_DOCKER2: (&str, &str) = ("node-2/ens33", "docker2/macvlan1");
const OUT_OF_DOCKER1: (&str, &str) = ("docker1/macvlan1", "node-1/ens33");

#[rstest]
#[case::at_the_parents_ingress(
    Step::Change(
        "node-2",
        "nft add table netdev guard && \
         nft 'add chain netdev guard inlet { type filter hook ingress device \"ens33\" priority 0; policy drop; }'",
        "nft delete table netdev guard"
    ),
    TO_DOCKER2, Place::lost(QUESTION, INTO_DOCKER2), &["ingress-dropped"]
)]
#[case::echo_requests_at_the_parents_ingress(
    Step::Change(
        "node-2",
        "nft add table netdev guard && \
         nft 'add chain netdev guard inlet { type filter hook ingress device \"ens33\" priority 0; }' && \
         nft 'add rule netdev guard inlet icmp type echo-request drop'",
        "nft delete table netdev guard"
    ),
    &[DOCKER1_DOCKER2, NODE_1_DOCKER2], Place::lost(ECHO, INTO_DOCKER2), &["ingress-dropped"]
)]
#[case::in_the_containers_input(
    Step::Change(
        "docker2",
        "sh -c \"nft add table ip guard && \
         nft 'add chain ip guard inlet { type filter hook input priority 0; policy drop; }'\"",
        NOTHING
    ),
    TO_DOCKER2, ECHO_AT_DOCKER2, &["ingress-dropped"]
)]
#[case::in_the_containers_output(
    Step::Change(
        "docker2",
        "sh -c \"nft add table ip guard && \
         nft 'add chain ip guard outlet { type filter hook output priority 0; }' && \
         nft 'add rule ip guard outlet icmp type echo-reply drop'\"",
        NOTHING
    ),
    TO_DOCKER2, ECHO_AT_DOCKER2, &[]
)]
#[case::questions_in_the_container(
    Step::Change(
        "docker2",
        "sh -c \"nft add table arp guard && \
         nft 'add chain arp guard inlet { type filter hook input priority 0; policy drop; }'\"",
        NOTHING
    ),
    TO_DOCKER2, QUESTION_AT_DOCKER2, &["ingress-dropped"]
)]
#[case::in_a_queue_without_room(
    Step::Change("node-1", "tc qdisc add dev ens33 root pfifo limit 0", "tc qdisc del dev ens33 root"),
    &[DOCKER1_DOCKER2], Place::lost(QUESTION, OUT_OF_DOCKER1), &["nic-drops"]
)]
#[case::in_a_full_broadcast_queue(
    Step::Change("docker2", "ip link set macvlan1 type macvlan bcqueuelen 0", NOTHING),
    TO_DOCKER2, Place::lost(QUESTION, INTO_DOCKER2), &["broadcast-queue-overflow"]
)]
#[tokio::test]
async fn dropped(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] place: Place,
    #[case] causes: &[&str],
) -> miette::Result<()> {
    try_out(&context, Mutation { kind: Kind::Fault, steps: &[step], crossed, places: &[place], causes }).await
}
