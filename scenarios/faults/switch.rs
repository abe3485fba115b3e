//! Switches that drop.

use harness::{frame::Kind, lab::Lab};
use rstest::rstest;

use super::trial::{CLOSED, Change, assert_fault, assert_no_fault, faulty_lab, judge, judge_beside, try_out};
use crate::common::{REPLY_DEADLINE, hasten, until};

const LOCKED: Change =
    ("host", "bridge link set dev port-node-1 locked on", "bridge link set dev port-node-1 locked off");
const FAR_LOCKED: Change =
    ("host", "bridge link set dev port-node-2 locked on", "bridge link set dev port-node-2 locked off");
const OWN_ADDRESS_ONLY: Change = (
    "host",
    "bridge link set dev port-node-1 learning off flood off",
    "bridge link set dev port-node-1 learning on flood on",
);
/// How long a port listens, and how long it learns: the kernel's own time (`br_dev_setup`, net/bridge/br_device.c) and its least
/// (`BR_MIN_FORWARD_DELAY`), in hundredths of a second.
const KERNELS_FORWARD_DELAY: u32 = 1500;
const LEAST_FORWARD_DELAY: u32 = 200;
const FILTER: Change = (
    "host",
    "echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables && nft add table ip guard && \
     nft 'add chain ip guard forward { type filter hook forward priority 0; policy drop; }'",
    "nft delete table ip guard",
);
const CURE: Change = (
    "host",
    "sh -c 'echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables'",
    "sh -c 'echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables'",
);

#[rstest]
#[case::foreign_sources(
    "forged-transmits-rejected",
    LOCKED,
    "host/port-node-1",
    "host/port-node-2",
    "forged-transmits-rejected",
    "forged-transmits-rejected"
)]
#[case::foreign_sources_of_answers(
    "forged-answers-rejected",
    FAR_LOCKED,
    "host/port-node-2",
    "host/port-node-1",
    "forged-transmits-rejected",
    "answers-rejected"
)]
#[case::foreign_destinations(
    "promiscuous-rejected",
    OWN_ADDRESS_ONLY,
    "host/port-node-2",
    "host/port-node-1",
    "promiscuous-rejected",
    "answers-rejected"
)]
#[case::all(
    "port-not-forwarding",
    CLOSED,
    "host/port-node-1",
    "host/port-node-2",
    "port-not-forwarding",
    "port-not-forwarding"
)]
#[case::ip_alone(
    "bridge-netfilter",
    FILTER,
    "host/port-node-1",
    "host/port-node-2",
    "bridge-netfilter",
    "echo-rejected"
)]
#[tokio::test]
async fn a_switch_drops(
    #[case] name: &str,
    #[case] change: Change,
    #[case] last_seen: &str,
    #[case] missing_at: &str,
    #[case] cause: &str,
    #[case] pictures: &str,
) -> miette::Result<()> {
    let found = try_out(name, "docker1:docker2", &[change]).await?;
    assert_fault(&found, Some(last_seen), Some(missing_at), cause);
    found.assert_pictures_of(pictures);
    Ok(())
}

/// Whoever filters what it forwards still speaks for itself; and a bridge that does not ask the filter passes all again.
#[rstest]
#[case::what_the_host_says_itself("bridge-netfilter-host", "host:docker2", &[FILTER], "matrix_host_to_docker2")]
#[case::what_it_is_not_asked_about(
    "bridge-netfilter-cured",
    "docker1:docker2",
    &[FILTER, CURE],
    "matrix_docker1_to_docker2"
)]
#[tokio::test]
async fn a_filter_of_ip_lets_pass(
    #[case] name: &str,
    #[case] probe: &str,
    #[case] changes: &[Change],
    #[case] pictures: &str,
) -> miette::Result<()> {
    let found = try_out(name, probe, changes).await?;
    assert_no_fault(&found);
    found.assert_pictures_of(pictures);
    Ok(())
}

/// Its port was away meanwhile, so that what is captured there has no whole picture.
#[tokio::test]
async fn a_switch_listens_first() -> miette::Result<()> {
    let lab = faulty_lab("stp-listening").await?;
    let containers = lab.set_up().await?;
    hasten(&lab, "docker1").await?;
    span_a_tree(&lab, KERNELS_FORWARD_DELAY).await?;
    let ping = lab.ping("docker1", "docker2")?.within(REPLY_DEADLINE);
    let found = judge(&lab, &containers, &ping).await?;
    assert_fault(&found, Some("host/port-node-1"), Some("host/port-node-2"), "stp-listening");
    Ok(())
}

/// And then forwards, as one without a spanning tree does.
#[tokio::test]
async fn a_switch_that_has_listened_forwards() -> miette::Result<()> {
    let lab = faulty_lab("stp-forwarding").await?;
    let containers = lab.set_up().await?;
    span_a_tree(&lab, LEAST_FORWARD_DELAY).await?;
    let show = "bridge link show dev port-node-2";
    let forwards = |shown: &str| shown.contains("state forwarding");
    until(&lab.endpoint("host")?, show, "the port to forward", forwards).await?;
    let ping = lab.ping("docker1", "docker2")?;
    let found = judge_beside(&[Kind::Stp], &lab, &containers, &ping).await?;
    assert_no_fault(&found);
    found.assert_pictures_of(&lab, "matrix_docker1_to_docker2");
    Ok(())
}

/// Gives the switch a spanning tree, in which its port to node-2 has just come up.
async fn span_a_tree(lab: &Lab, forward_delay: u32) -> miette::Result<()> {
    let bridge = "ip link set bridge102 type bridge";
    let span = format!(
        "{bridge} forward_delay {forward_delay} stp_state 1 && ip link set port-node-2 down && \
         ip link set port-node-2 up"
    );
    lab.endpoint("host")?.change(&span, &format!("{bridge} stp_state 0 forward_delay 0")).await?;
    Ok(())
}

/// Longer frames everywhere but at one port.
#[tokio::test]
async fn a_port_that_takes_shorter_frames() -> miette::Result<()> {
    let lab = faulty_lab("mtu-black-hole").await?;
    let containers = lab.set_up().await?;
    for (machine, interface) in [("node-1", "ens33"), ("node-2", "ens33"), ("host", "port-node-1")] {
        let set = |mtu: u32| format!("ip link set {interface} mtu {mtu}");
        lab.endpoint(machine)?.change(&set(9000), &set(1500)).await?;
    }
    for container in containers.all() {
        lab.endpoint(&container.name)?.run(&format!("ip link set {} mtu 9000", container.interface)).await?;
    }
    let found = judge(&lab, &containers, &lab.ping("docker1", "docker2")?.unfragmented(8000)).await?;
    assert_fault(&found, Some("host/port-node-1"), Some("host/port-node-2"), "mtu-black-hole");
    found.assert_pictures_of(&lab, "echo-rejected");
    Ok(())
}
