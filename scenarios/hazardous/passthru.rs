//! Passthru: one child that takes over its parent's address, and with it what is meant for its parent.

use harness::{
    lab::LabError,
    picture::Order,
    topology::Mode::{self, Bridge, Passthru},
};
use rstest::rstest;

use crate::common::{
    LeasedLab, assert_pictures, assert_reached, assert_reached_and_echoed, assert_reached_as,
    assert_unreached, lab, reflect, set_up_on,
};

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

/// A child that was made so never asks for it.
#[tokio::test]
async fn the_children_meet_who_were_made_without_promiscuity() -> miette::Result<()> {
    let lab = lab("passthru_made_nopromisc").await?;
    lab.may(HAZARD)?;
    let containers = set_up_on(&lab, None, "mode passthru nopromisc").await?;
    assert_eq!(lab.uplink("node-1").await?.promiscuity, 0, "the uplink's promiscuity");
    assert_reached_as("passthru", &lab, &containers, "docker1", "docker2").await
}

/// On another node it is as any other.
#[rstest]
#[case::from_it("passthru_to_bridge", Passthru, Bridge)]
#[case::to_it("bridge_to_passthru", Bridge, Passthru)]
#[tokio::test]
async fn a_child_in_mode_bridge_is_met(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker2: Mode,
) -> miette::Result<()> {
    let lab = lab(name).await?.in_modes(&[("docker1", docker1), ("docker2", docker2)]);
    lab.may(HAZARD)?;
    let containers = lab.set_up().await?;
    assert_reached(&lab, &containers, "docker1", "docker2").await
}

/// What the switch sends back has the child's address, which is the parent's too: the child gets its own question again.
#[tokio::test]
async fn the_children_meet_behind_ports_that_reflect() -> miette::Result<()> {
    let lab = lab("reflected_passthru").await?.in_modes(&[("docker1", Passthru), ("docker2", Passthru)]);
    lab.may(HAZARD)?;
    reflect(&lab, "node-1").await?;
    reflect(&lab, "node-2").await?;
    let containers = lab.set_up().await?;
    assert_reached_and_echoed(&lab, &containers, "docker1", "docker2").await?;
    Ok(())
}

/// A parent and its child don't meet, and not even by a switch that reflects: one address is both's, and all that is for it is the
/// child's.
#[rstest]
#[case::the_parent_first("node-1_to_passthru", "node-1", "docker1", &[])]
#[case::the_child_first("passthru_to_node-1", "docker1", "node-1", &[])]
#[case::the_parent_first_by_reflection("reflected_node-1_to_passthru", "node-1", "docker1", &["node-1"])]
#[case::the_child_first_by_reflection("reflected_passthru_to_node-1", "docker1", "node-1", &["node-1"])]
#[tokio::test]
async fn a_parent_and_its_child_do_not_meet(
    #[case] name: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] reflected: &[&str],
) -> miette::Result<()> {
    let lab = lab(name).await?.in_modes(&[("docker1", Passthru)]);
    lab.may(HAZARD)?;
    for node in reflected {
        reflect(&lab, node).await?;
    }
    let containers = lab.set_up().await?;
    assert_unreached(&lab, &containers, from, to).await
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
    let containers = lab.set_up().await?.with_machines();

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
