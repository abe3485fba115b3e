//! Passthru: one child that takes over its parent's address, and with it what is meant for its parent.

use harness::{lab::LabError, picture::Order, topology::Mode::Passthru};
use rstest::rstest;

use crate::common::{LeasedLab, assert_pictures, assert_reached_as, assert_unreached, lab};

const HAZARD: &str = "takes the nodes' own frames away";

/// The children speak with their parents' addresses: `docker1=node-1` is both.
#[rstest]
#[case::as_it_is("passthru", "")]
#[case::without_promiscuity("passthru_nopromisc", "nopromisc")]
#[tokio::test]
async fn the_children_meet(#[case] name: &str, #[case] flag: &str) -> miette::Result<()> {
    let lab = lab(name).await?.in_modes(&[("docker1", Passthru), ("docker2", Passthru)]);
    lab.may(HAZARD)?;
    let containers = lab.set_up().await?;
    if !flag.is_empty() {
        spare_the_parents(&lab).await?;
    }
    let needed = lab.uplink("node-1").await?.promiscuity;
    assert_eq!(needed, u32::from(flag.is_empty()), "the uplink's promiscuity");
    assert_reached_as("passthru", &lab, &containers, "docker1", "docker2").await
}

/// The node asks, docker2 answers, and the answer is its child's.
#[tokio::test]
async fn the_parent_never_gets_its_answer() -> miette::Result<()> {
    let lab = lab("passthru_parent_asks").await?.in_modes(&[("docker1", Passthru)]);
    lab.may(HAZARD)?;
    let containers = lab.set_up().await?;
    assert_unreached(&lab, &containers, "node-1", "docker2").await
}

/// The question, a broadcast, is for both, and the node answers it; the echo that follows is the child's, who may see it before
/// the question: broadcasts come to a child by way of a queue.
#[tokio::test]
async fn the_parent_answers_and_gets_no_echo() -> miette::Result<()> {
    let lab = lab("passthru_parent_is_asked").await?.in_modes(&[("docker2", Passthru)]);
    lab.may(HAZARD)?;
    let containers = lab.set_up().await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("host", "node-2")?.within(std::time::Duration::from_secs(1)).send().await?;
    let recording = captures.finish().await?;

    let pictures = recording.pictures(&containers.owners, Order::WithinExchanges)?;
    assert_pictures(&lab, lab.scenario(), &pictures);
    assert!(!ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// Switches the promiscuity off that a passthru child asks for.
async fn spare_the_parents(lab: &LeasedLab) -> Result<(), LabError> {
    for container in &lab.topology().containers {
        let set = format!("ip link set {} type macvlan mode passthru nopromisc", container.interface);
        lab.endpoint(&container.name)?.run(&set).await?;
    }
    Ok(())
}
