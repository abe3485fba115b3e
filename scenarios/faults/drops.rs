//! Frames that a machine itself drops.

use harness::diagnosis::Code;
use rstest::rstest;

use super::trial::{Change, NOTHING, assert_fault, try_out};

const NO_ROOM_FOR_BROADCASTS: Change = ("docker2", "ip link set macvlan1 type macvlan bcqueuelen 0", NOTHING);
const FILTER_AT_THE_PARENT: Change = (
    "node-2",
    "nft add table netdev guard && \
     nft 'add chain netdev guard inlet { type filter hook ingress device \"ens33\" priority 0; policy drop; }'",
    "nft delete table netdev guard",
);
/// A program of classic BPF that returns TC_ACT_SHOT: small kernels have no other action that drops.
const TC_AT_THE_PARENT: Change = (
    "node-2",
    "tc qdisc add dev ens33 clsact && tc filter add dev ens33 ingress bpf direct-action bytecode '1,6 0 0 2'",
    "tc qdisc del dev ens33 clsact",
);
const TC_ON_THE_WAY_OUT: Change = (
    "node-1",
    "tc qdisc add dev ens33 clsact && tc filter add dev ens33 egress bpf direct-action bytecode '1,6 0 0 2'",
    "tc qdisc del dev ens33 clsact",
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
#[case::a_traffic_filter_at_the_parent(
    "tc-ingress",
    TC_AT_THE_PARENT,
    "node-2/ens33",
    "docker2/macvlan1",
    "ingress-dropped"
)]
#[case::a_traffic_filter_on_the_way_out(
    "tc-egress",
    TC_ON_THE_WAY_OUT,
    "docker1/macvlan1",
    "node-1/ens33",
    "egress-dropped"
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

/// What an XDP program does only the program knows: it is no more than possible. This one, as an object file
/// (elf(5)) for `ip`, returns XDP_DROP whatever comes.
#[tokio::test]
async fn a_program_before_the_tap() -> miette::Result<()> {
    let load = "base64 -d >/run/drop.o.gz <<'END'\n\
                H4sICGLHBWsCA3gubwCrd/VxY2JkZIABRobvDAgeAlxAYjtASVagyu1gPQwMU6Fy7gE+DPiALBALMTDB+QJQWgmIBRmY4eIsMIZecUlRSWIS\n\
                Q0VKAUNOZnJqXnEqUKwyFySWUpRfwBAPE6UKAPmFGYv4AiitjUU9MuCEirGhiTug+RcGOND4vDjcEIAeLjjsFwViJizuj4DSHkj6GJHsl4AG\n\
                HwAlT8pYEAIAAA==\nEND\n\
                gunzip /run/drop.o.gz && mount -t bpf bpf /sys/fs/bpf && ip link set dev ens33 xdpgeneric object /run/drop.o section xdp && rm /run/drop.o";
    let xdp = (
        "node-2",
        load,
        "rm -f /run/drop.o /run/drop.o.gz; ip link set dev ens33 xdpgeneric off; umount /sys/fs/bpf",
    );
    let found = try_out("xdp", "docker1:docker2", &[xdp]).await?;
    assert_fault(&found, Some("host/port-node-2"), Some("node-2/ens33"), "unknown");
    let saw =
        found.causes.iter().filter(|cause| cause.code == Code::IngressDropped).flat_map(|cause| &cause.saw);
    assert!(saw.clone().any(|saw| saw.starts_with("node-2/ens33 has the XDP program")), "{}", *found);
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
