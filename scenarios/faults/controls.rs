//! Faults that look alike in one failed ping, of switches that tell nothing: the controls tell them apart.

use harness::{
    diagnosis::{Code, Explanation},
    run_folder::RunFolder,
};
use rstest::rstest;

use super::trial::{CLOSED, Change, faulty_lab, judge, try_out, without_facts};
use crate::common::LeasedLab;

const FILTER: Change = (
    "host",
    "nft add table bridge guard && nft 'add chain bridge guard pass { type filter hook forward priority 0; }' && \
     nft 'add rule bridge guard pass ether type ip drop'",
    "nft delete table bridge guard",
);

fn possible(found: &Explanation) -> Vec<Code> {
    found.causes.iter().map(|cause| cause.code).collect()
}

/// A port that is told to know its machine's own address, as vSphere does, and to do more with no other.
async fn strict_port(name: &str, node: &str, strict: &str, undo: &str) -> miette::Result<LeasedLab> {
    let lab = faulty_lab(name).await?;
    let containers = lab.set_up().await?;
    let (mac, port) = (lab.facts().macs[node], format!("port-{node}"));
    let change =
        format!("bridge fdb add {mac} dev {port} master static && bridge link set dev {port} {strict}");
    let undo = format!("bridge link set dev {port} {undo}; bridge fdb del {mac} dev {port} master");
    lab.endpoint("host")?.change(&change, &undo).await?;
    judge(&lab, &containers, &lab.ping("docker1", "docker2")?).await?;
    Ok(lab)
}

#[rstest]
#[case::of_the_askers_node("controls-forged", "node-1")]
#[case::of_the_asked_ones_node("controls-forged-answers", "node-2")]
#[tokio::test]
async fn a_port_that_takes_what_its_node_sends(#[case] name: &str, #[case] node: &str) -> miette::Result<()> {
    let lab = strict_port(name, node, "locked on", "locked off").await?;
    let found = without_facts(&lab).await?;
    assert_eq!(found.cause.as_deref(), Some("forged-transmits-rejected"), "{found}");
    Ok(())
}

#[rstest]
#[case::of_the_askers_node("controls-promiscuous-answers", "node-1")]
#[case::of_the_asked_ones_node("controls-promiscuous", "node-2")]
#[tokio::test]
async fn a_port_that_delivers_what_is_for_its_node(
    #[case] name: &str,
    #[case] node: &str,
) -> miette::Result<()> {
    let lab = strict_port(name, node, "learning off flood off", "learning on flood on").await?;
    let found = without_facts(&lab).await?;
    assert_eq!(found.cause.as_deref(), Some("promiscuous-rejected"), "{found}");
    Ok(())
}

/// Neither source nor destination matters.
#[tokio::test]
async fn what_passes_for_nobody_is_about_no_address() -> miette::Result<()> {
    let found = try_out("controls-closed", "docker1:docker2", &[CLOSED]).await?.without_facts().await?;
    assert_eq!(found.cause.as_deref(), Some("unknown"), "{found}");
    assert!(!possible(&found).contains(&Code::ForgedTransmitsRejected), "{found}");
    Ok(())
}

/// ARP passes, and an echo for the node itself does not.
#[tokio::test]
async fn a_filter_of_ip_is_about_no_hardware_address() -> miette::Result<()> {
    let found = try_out("controls-filter", "docker1:docker2", &[FILTER]).await?.without_facts().await?;
    assert_eq!(possible(&found), [Code::BridgeNetfilter], "{found}");
    Ok(())
}

/// Each control has a folder that is judged as a run's is.
#[tokio::test]
async fn controls_are_kept() -> miette::Result<()> {
    let lab = strict_port("controls-kept", "node-1", "locked on", "locked off").await?;
    let found = without_facts(&lab).await?;
    let told = |what: &str| found.controls.iter().find(|control| control.contains(what)).expect(what);
    assert!(told("node-1:docker2").ends_with("answered"), "{found}");
    let lost = told("docker1:node-2");
    assert!(lost.ends_with("lost between host/port-node-1 and host/port-node-2"), "{lost}");
    let own = RunFolder::open(&lab.folder().join("controls/child-to-other-node"), None)?.case(None)?;
    let own = own.judge().explain(&own);
    assert_eq!((own.probe.as_str(), own.missing_at.as_deref()), ("docker1:node-2", Some("host/port-node-2")));
    Ok(())
}
