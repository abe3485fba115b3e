//! No fault: no cause may be found.

use rstest::rstest;

use super::trial::{Change, HAIRPIN, NOTHING, assert_no_fault, try_out};

const PRIVATE: Change = ("docker1", "ip link set macvlan1 type macvlan mode private", NOTHING);
const VEPA: Change = ("docker1", "ip link set macvlan1 type macvlan mode vepa", NOTHING);

/// The usual remedy for isolation: a sibling of the container's on the node itself.
const SHIM: Change = (
    "node-1",
    "ip link add shim link ens33 type macvlan mode bridge && ip address add 192.168.245.190/32 dev shim && \
     ip link set shim up && ip route add 192.168.245.180/32 dev shim",
    "ip link del shim",
);

#[rstest]
#[case::across("healthy", "docker1:docker2", &[])]
#[case::back("healthy-back", "docker2:docker1", &[])]
#[case::siblings("healthy-siblings", "docker1:docker3", &[])]
#[case::from_the_host("healthy-from-the-host", "host:docker1", &[])]
#[case::to_the_host("healthy-to-the-host", "docker1:host", &[])]
#[case::from_a_node("healthy-from-a-node", "node-1:docker2", &[])]
#[case::to_a_node("healthy-to-a-node", "docker2:node-1", &[])]
#[case::between_nodes("healthy-between-nodes", "node-1:node-2", &[])]
#[case::private_across("healthy-private", "docker1:docker2", &[PRIVATE])]
#[case::vepa_across("healthy-vepa", "docker1:docker2", &[VEPA])]
// A switch that reflects makes a way between a parent and its child: each frame is seen twice on it.
#[case::parent_and_child_by_reflection("healthy-hairpin", "node-1:docker1", &[HAIRPIN])]
#[case::parent_and_child_by_a_shim("healthy-shim", "node-1:docker1", &[SHIM])]
#[case::siblings_by_reflection("healthy-hairpin-siblings", "docker1:docker3", &[HAIRPIN])]
#[tokio::test]
async fn nothing_is_found(
    #[case] name: &str,
    #[case] probe: &str,
    #[case] changes: &[Change],
) -> miette::Result<()> {
    let found = try_out(name, probe, changes).await?;
    assert_no_fault(&found);
    Ok(())
}
