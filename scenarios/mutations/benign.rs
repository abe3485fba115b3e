//! Changes that are none of the gate's business.
//!
//! Bystanders are not among them: in a lab of our own nobody else speaks, and a frame of a kind that nobody declared
//! makes a scenario red by design. What is declared (MLD, where containers speak IPv6) is here; how bystanders are told
//! apart where others do speak is tried in `recorded`.

use harness::frame::{Content, Frame};
use rstest::{Context, rstest};

use super::{
    injection::{NOTHING, Step},
    mutation::{Kind, Mutation},
    scenario::{
        ACROSS, DOCKER1_DOCKER2, DOCKER1_NODE_1, NODE_1_DOCKER1, NODE_1_DOCKER2, SIBLINGS, Scenario,
        TUTORIAL, TWICE,
    },
    trial::try_out,
};
use crate::rule::{Act, Kind as Carrying, Rule, Towards, Which};

const fn rule(kind: Carrying, act: Act) -> Rule {
    Rule { which: Which { kind, towards: Towards::Both, nth: None }, act }
}

const NO_RULES: &[Rule] = &[];
const PADDED: &[Rule] = &[rule(Carrying::Any, Act::Pad)];
const SLOW_ECHOES: &[Rule] = &[rule(Carrying::Echo, Act::Delay(300))];
const SLOW_ANSWERS: &[Rule] = &[rule(Carrying::ArpReply, Act::Delay(300))];
/// A long wire: what it delays stays in order.
const LONG: &[Rule] = &[rule(Carrying::All, Act::Delay(700))];

async fn stays_green(context: &Context, steps: &[Step], crossed: &[Scenario]) -> miette::Result<()> {
    try_out(context, Mutation { kind: Kind::Benign, steps, crossed, places: &[], causes: &[] }).await
}

#[rstest]
#[case::nothing(&[])]
#[case::a_wire_to_node_2(&[Step::Wire("node-2", NO_RULES)])]
#[case::wires_to_both_nodes(&[Step::Wire("node-1", NO_RULES), Step::Wire("node-2", NO_RULES)])]
#[case::padding(&[Step::Wire("node-2", PADDED)])]
#[tokio::test]
async fn in_all_scenarios(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    stays_green(&context, steps, TUTORIAL).await
}

#[rstest]
#[case::slow_echoes(&[Step::Wire("node-2", SLOW_ECHOES)])]
#[case::slow_answers(&[Step::Wire("node-2", SLOW_ANSWERS)])]
#[tokio::test]
async fn slow(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    stays_green(&context, steps, ACROSS).await
}

#[rstest]
#[case::two_echoes(&[])]
#[tokio::test]
async fn twice(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    stays_green(&context, steps, &[TWICE]).await
}

/// The kernel asks a second time before it has its answer; every copy is seen everywhere.
#[rstest]
#[case::a_retransmission_that_all_points_saw(&[
    Step::Wire("node-2", LONG),
    Step::Shows(|_, pictures| !pictures.machines.folded.is_empty()),
])]
#[tokio::test]
async fn sent_again(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    stays_green(&context, steps, &[DOCKER1_DOCKER2, NODE_1_DOCKER2]).await
}

const PROMISCUOUS_PARENTS: &[Step] = &[
    Step::Change("node-1", "ip link set ens33 promisc on", "ip link set ens33 promisc off"),
    Step::Change("node-2", "ip link set ens33 promisc on", "ip link set ens33 promisc off"),
];
const PROMISCUOUS_CHILD: &[Step] = &[Step::Change("docker2", "ip link set macvlan1 promisc on", NOTHING)];
const BUSY: &str = "(i=0; while [ $i -lt 2000000 ]; do i=$((i+1)); done) >/dev/null 2>&1 </dev/null &";
const LOADED_NODE: &[Step] = &[Step::Meanwhile("node-2", BUSY, NOTHING)];
const LOADED_NODE_1: &[Step] = &[Step::Meanwhile("node-1", BUSY, NOTHING)];
const SILENT_SIBLING: &[Step] = &[Step::Change(
    "node-1",
    "ip netns add other && ip link add other0 link ens33 type macvlan mode bridge && ip link set other0 netns other && \
     ip netns exec other sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' && ip -n other link set other0 up",
    "ip netns del other",
)];
const SILENT_PORT: &[Step] = &[Step::Change(
    "host",
    "ip link add name other0 type veth peer name other1 && ip link set other0 master bridge102 up && \
     ip link set other1 up",
    "ip link del other0",
)];
const COUNTING_FILTER: &[Step] = &[Step::Change(
    "node-2",
    "nft add table netdev watch && \
     nft 'add chain netdev watch inlet { type filter hook ingress device \"ens33\" priority 0; }' && \
     nft 'add rule netdev watch inlet counter accept'",
    "nft delete table netdev watch",
)];
const ANOTHER_QUEUE: &[Step] =
    &[Step::Change("node-1", "tc qdisc add dev ens33 root pfifo limit 100", "tc qdisc del dev ens33 root")];
const LONGER_FRAMES: &[Step] = &[
    Step::Change("node-1", "ip link set ens33 mtu 9000", "ip link set ens33 mtu 1500"),
    Step::Change("node-2", "ip link set ens33 mtu 9000", "ip link set ens33 mtu 1500"),
];
const CHOSEN: &str = "case \"$*\" in *255.255.255.255*) exec $real \"$@\";; esac\nexec $real -e 4242 \"$@\"";
const CHOSEN_IDENTIFIER: &[Step] = &[
    Step::Replace("node-1", "ping", CHOSEN),
    Step::Replace("node-2", "ping", CHOSEN),
    Step::Shows(|recording, _| {
        let is_chosen = |frame: &&Frame| matches!(&frame.content, Content::Echo(echo) if echo.id == 4242);
        recording.frames_at("docker1").iter().any(is_chosen)
    }),
];
const OTHER_MACS: &[Step] = &[Step::Containers(|container| {
    let last = container.address.addr().octets()[3];
    container.mac = format!("06:00:00:00:00:{last:02x}").parse().ok();
})];
const OTHER_INTERFACES: &[Step] = &[Step::Containers(|container| container.interface = "eth7".to_owned())];
const OTHER_ADDRESSES: &[Step] = &[Step::Containers(|container| {
    let last = container.address.addr().octets()[3] - 160;
    container.address = format!("192.168.245.{last}/24").parse().expect("a valid address");
})];
const PRIVATE: &[Step] = &[Step::Containers(|container| container.mode = harness::topology::Mode::Private)];
const VEPA: &[Step] = &[Step::Containers(|container| container.mode = harness::topology::Mode::Vepa)];

#[rstest]
#[case::promiscuous_parents(PROMISCUOUS_PARENTS)]
#[case::a_promiscuous_child(PROMISCUOUS_CHILD)]
#[case::a_node_with_a_busy_process(LOADED_NODE)]
#[case::a_silent_sibling(SILENT_SIBLING)]
#[case::a_silent_port(SILENT_PORT)]
#[case::a_filter_that_counts(COUNTING_FILTER)]
#[case::another_queue(ANOTHER_QUEUE)]
#[case::room_for_longer_frames(LONGER_FRAMES)]
#[case::another_identifier(CHOSEN_IDENTIFIER)]
#[case::other_mac_addresses(OTHER_MACS)]
#[case::other_interface_names(OTHER_INTERFACES)]
#[case::other_addresses(OTHER_ADDRESSES)]
#[case::private_across_nodes(PRIVATE)]
#[case::vepa_across_nodes(VEPA)]
// The reports of multicast groups that come with IPv6 are declared chatter.
#[case::declared_chatter(&[Step::Ipv6])]
#[tokio::test]
async fn across(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    stays_green(&context, steps, &[DOCKER1_DOCKER2, ACROSS[1]]).await
}

/// docker1 and docker3, whose frames never leave their node.
#[rstest]
#[case::nothing(&[])]
#[case::a_wire_to_their_node(&[Step::Wire("node-1", NO_RULES)])]
#[case::promiscuous_parents(PROMISCUOUS_PARENTS)]
#[case::a_node_with_a_busy_process(LOADED_NODE_1)]
#[case::a_silent_sibling(SILENT_SIBLING)]
#[case::another_queue(ANOTHER_QUEUE)]
#[case::room_for_longer_frames(LONGER_FRAMES)]
#[case::another_identifier(CHOSEN_IDENTIFIER)]
#[case::other_mac_addresses(OTHER_MACS)]
#[case::other_interface_names(OTHER_INTERFACES)]
#[case::other_addresses(OTHER_ADDRESSES)]
#[tokio::test]
async fn between_siblings(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    stays_green(&context, steps, &[SIBLINGS]).await
}

/// A child and its own parent: what others add brings them no nearer.
#[rstest]
#[case::nothing(&[])]
#[case::a_wire_to_their_node(&[Step::Wire("node-1", NO_RULES)])]
#[case::promiscuous_parents(PROMISCUOUS_PARENTS)]
#[case::a_silent_sibling(SILENT_SIBLING)]
#[case::a_silent_port(SILENT_PORT)]
#[case::other_mac_addresses(OTHER_MACS)]
#[case::other_interface_names(OTHER_INTERFACES)]
#[tokio::test]
async fn between_parent_and_child(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    stays_green(&context, steps, &[DOCKER1_NODE_1, NODE_1_DOCKER1]).await
}
