//! Ways round the isolation of parent and child.

use rstest::{Context, rstest};

use super::{
    injection::{NOTHING, Step},
    mutation::{Kind, Mutation},
    scenario::{DOCKER1_NODE_1, NODE_1_DOCKER1, Scenario},
    trial::try_out,
};

const FROM_THE_CHILD: &[Scenario] = &[DOCKER1_NODE_1];
const FROM_THE_PARENT: &[Scenario] = &[NODE_1_DOCKER1];
const BOTH: &[Scenario] = &[DOCKER1_NODE_1, NODE_1_DOCKER1];

const DUPLICATE: &[&str] = &["duplicate-ip"];

#[rstest]
#[case::a_switch_that_reflects(
    Step::Change(
        "host",
        "bridge link set dev port-node-1 hairpin on",
        "bridge link set dev port-node-1 hairpin off"
    ),
    BOTH,
    &[]
)]
#[case::a_sibling_of_the_nodes_own(
    Step::Change(
        "node-1",
        "ip link add shim0 link ens33 type macvlan mode bridge && \
         echo 1 >/proc/sys/net/ipv6/conf/shim0/disable_ipv6 && ip link set shim0 up && \
         ip route add 192.168.245.180/32 dev shim0",
        "ip link del shim0"
    ),
    FROM_THE_CHILD,
    &[]
)]
#[case::a_switch_with_the_parents_address(
    Step::Change(
        "host",
        "ip address add 192.168.245.168/32 dev bridge102",
        "ip address del 192.168.245.168/32 dev bridge102"
    ),
    FROM_THE_CHILD,
    DUPLICATE
)]
#[case::a_sibling_with_the_parents_address(
    Step::Change("docker3", "ip address add 192.168.245.168/32 dev macvlan1", NOTHING),
    FROM_THE_CHILD,
    DUPLICATE
)]
#[case::a_stranger_with_the_parents_address(
    Step::Change("docker2", "ip address add 192.168.245.168/32 dev macvlan1", NOTHING),
    FROM_THE_CHILD,
    DUPLICATE
)]
#[case::a_stranger_with_the_childs_address(
    Step::Change("docker2", "ip address add 192.168.245.180/32 dev macvlan1", NOTHING),
    FROM_THE_PARENT,
    &["isolation", "duplicate-ip"]
)]
#[case::a_parent_with_the_childs_address(
    Step::Change(
        "node-1",
        "ip address add 192.168.245.180/32 dev lo",
        "ip address del 192.168.245.180/32 dev lo"
    ),
    FROM_THE_PARENT,
    &["own-address"]
)]
#[tokio::test]
async fn parent_and_child_meet_by(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] causes: &[&str],
) -> miette::Result<()> {
    let mutation = Mutation { kind: Kind::Breach, steps: &[step], crossed, places: &[], causes };
    try_out(&context, mutation).await
}
