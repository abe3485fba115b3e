//! Frames that a machine itself drops.

use rstest::rstest;

use super::trial::{Change, NOTHING, assert_fault, try_out};

const NO_ROOM_FOR_BROADCASTS: Change = ("docker2", "ip link set macvlan1 type macvlan bcqueuelen 0", NOTHING);
const FILTER_AT_THE_PARENT: Change = (
    "node-2",
    "nft add table netdev guard && \
     nft 'add chain netdev guard inlet { type filter hook ingress device \"ens33\" priority 0; policy drop; }'",
    "nft delete table netdev guard",
);
const NO_ROOM_TO_SEND: Change =
    ("node-1", "tc qdisc add dev ens33 root pfifo limit 0", "tc qdisc del dev ens33 root");

#[rstest]
#[case::a_parent_without_room(
    "broadcast-queue-overflow",
    NO_ROOM_FOR_BROADCASTS,
    "node-2/ens33",
    "docker2/macvlan1",
    "broadcast-queue-overflow"
)]
#[case::a_filter_at_the_parent(
    "ingress-dropped",
    FILTER_AT_THE_PARENT,
    "node-2/ens33",
    "docker2/macvlan1",
    "ingress-dropped"
)]
#[case::a_queue_without_room("nic-drops", NO_ROOM_TO_SEND, "docker1/macvlan1", "node-1/ens33", "nic-drops")]
#[tokio::test]
async fn a_machine_drops(
    #[case] name: &str,
    #[case] change: Change,
    #[case] last_seen: &str,
    #[case] missing_at: &str,
    #[case] cause: &str,
) -> miette::Result<()> {
    let found = try_out(name, "docker1:docker2", &[change]).await?;
    assert_fault(&found, Some(last_seen), Some(missing_at), cause);
    Ok(())
}

#[tokio::test]
async fn a_filter_in_the_container() -> miette::Result<()> {
    let filter = "sh -c \"nft add table ip guard && \
                  nft 'add chain ip guard inlet { type filter hook input priority 0; policy drop; }'\"";
    let found = try_out("input-dropped", "docker1:docker2", &[("docker2", filter, NOTHING)]).await?;
    assert_fault(&found, Some("docker2/macvlan1"), None, "ingress-dropped");
    Ok(())
}
