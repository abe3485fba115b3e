//! macvlan modes that keep frames away.

use harness::{container::Ipv6, topology::Mode};
use rstest::rstest;

use super::trial::{Change, Found, HAIRPIN, NOTHING, assert_fault, faulty_lab, judge, try_out};

const fn mode(container: &'static str, command: &'static str) -> Change {
    (container, command, NOTHING)
}

const PRIVATE: &str = "ip link set macvlan1 type macvlan mode private";
const VEPA: &str = "ip link set macvlan1 type macvlan mode vepa";

#[rstest]
#[case::private("private-siblings", &[mode("docker1", PRIVATE), mode("docker3", PRIVATE)])]
#[case::private_and_a_switch_that_reflects(
    "private-siblings-hairpin",
    &[mode("docker1", PRIVATE), mode("docker3", PRIVATE), HAIRPIN]
)]
#[case::vepa("vepa-siblings", &[mode("docker1", VEPA), mode("docker3", VEPA)])]
#[case::bridge_and_vepa("bridge-and-vepa", &[mode("docker3", VEPA)])]
#[tokio::test]
async fn siblings_that_do_not_meet(#[case] name: &str, #[case] changes: &[Change]) -> miette::Result<()> {
    let found = try_out(name, "docker1:docker3", changes).await?;
    assert_fault(&found, Some("node-1/ens33"), Some("docker3/macvlan1"), "mode");
    Ok(())
}

#[tokio::test]
async fn a_sender_that_is_not_on_the_list() -> miette::Result<()> {
    let source = [("docker2", "ip link set macvlan1 type macvlan mode source", NOTHING)];
    let found = try_out("source-list", "docker1:docker2", &source).await?;
    assert_fault(&found, Some("node-2/ens33"), Some("docker2/macvlan1"), "mode");
    Ok(())
}

/// The answer to the node's own question is its child's.
#[tokio::test]
async fn a_passthru_child_takes_its_parents_answers() -> miette::Result<()> {
    let found = with_passthru("passthru-parent", "docker1", "node-1", "docker2").await?;
    assert_fault(&found, None, Some("node-1/ens33"), "mode");
    Ok(())
}

/// The broadcast question is for both, and answered by the node; the echo that follows is the child's.
#[tokio::test]
async fn a_passthru_child_takes_what_is_for_its_parent() -> miette::Result<()> {
    let found = with_passthru("passthru-parent-asked", "docker2", "host", "node-2").await?;
    assert_fault(&found, Some("node-2/ens33"), None, "mode");
    Ok(())
}

async fn with_passthru(name: &str, child: &str, from: &str, to: &str) -> miette::Result<Found> {
    let lab = faulty_lab(name).await?;
    let mut containers = lab.topology().containers.clone();
    containers.retain(|container| container.name != "docker3");
    for container in containers.iter_mut().filter(|container| container.name == child) {
        container.mode = Mode::Passthru;
    }
    let containers = lab.set_up_these(&containers, Ipv6::Off).await?;
    judge(&lab, &containers, &lab.ping(from, to)?).await
}
