//! The same faults over IPv6, whose questions are multicast: an interface hears those for its own addresses alone.

use harness::container::Ipv6;
use rstest::rstest;

use super::trial::{Found, assert_fault, assert_no_fault, faulty_lab, judge};
use crate::common::{LeasedLab, REPLY_DEADLINE, hasten, let_speak_ipv6, link_local};

/// Probes over IPv6 by link-local addresses, after a command in a container.
async fn try_out(lab: &LeasedLab, probe: (&str, &str), fault: Option<(&str, &str)>) -> miette::Result<Found> {
    let (from, to) = probe;
    let_speak_ipv6(lab, &[from, to]).await?;
    let containers = lab.set_up_these(&lab.topology().containers, Ipv6::On).await?;
    hasten(lab, from).await?;
    if let Some((container, command)) = fault {
        lab.endpoint(container)?.run(command).await?;
    }
    let address = link_local(lab, &containers, to);
    judge(lab, &containers, &lab.ping(from, to)?.at(address).within(REPLY_DEADLINE)).await
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is_wrong() -> miette::Result<()> {
    let lab = faulty_lab("ipv6-healthy").await?;
    let found = try_out(&lab, ("docker1", "docker2"), None).await?;
    assert_no_fault(&found);
    Ok(())
}

#[rstest]
#[case::from_the_parent("ipv6-isolation", ("node-1", "docker1"), Some("docker1/macvlan1"))]
#[case::from_the_child("ipv6-isolation-from-the-child", ("docker1", "node-1"), None)]
#[tokio::test]
async fn a_parent_and_its_child_do_not_meet(
    #[case] name: &str,
    #[case] probe: (&str, &str),
    #[case] missing_at: Option<&str>,
) -> miette::Result<()> {
    let lab = faulty_lab(name).await?;
    let found = try_out(&lab, probe, None).await?;
    assert_fault(&found, Some("node-1/ens33"), missing_at, "isolation");
    Ok(())
}

/// Who has no address is in no group. A child's filter of groups is a hash of eight bits (`mc_hash`,
/// drivers/net/macvlan.c), so that the question comes to some all the same.
#[rstest]
#[case::no_address("ipv6-no-address", "ip -6 address flush dev macvlan1", "no-address")]
#[case::another_address(
    "ipv6-another-address",
    "sh -c 'ip -6 address flush dev macvlan1; ip address add fe80::99/64 dev macvlan1'",
    "no-such-address"
)]
#[tokio::test]
async fn nobody_has_what_is_asked_for(
    #[case] name: &str,
    #[case] command: &str,
    #[case] cause: &str,
) -> miette::Result<()> {
    let lab = faulty_lab(name).await?;
    let found = try_out(&lab, ("docker1", "docker2"), Some(("docker2", command))).await?;
    match found.missing_at.as_deref() {
        None => assert_fault(&found, Some("docker2/macvlan1"), None, cause),
        Some(_) => assert_fault(&found, Some("node-2/ens33"), Some("docker2/macvlan1"), cause),
    }
    Ok(())
}

#[tokio::test]
async fn the_child_is_down() -> miette::Result<()> {
    let lab = faulty_lab("ipv6-child-down").await?;
    let down = Some(("docker2", "ip link set macvlan1 down"));
    let found = try_out(&lab, ("docker1", "docker2"), down).await?;
    assert_fault(&found, Some("node-2/ens33"), Some("docker2/macvlan1"), "child-down");
    Ok(())
}
