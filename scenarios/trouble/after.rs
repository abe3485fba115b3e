//! The tutorial's scenario, as it has to pass after any trouble.

use harness::{
    lab::{Lab, Lease, Settings},
    picture::Order,
};

use crate::common::SUITE;

/// The tutorial's picture, which all labs share.
const PICTURE: &str = "docker1_pings_docker2.machines.snap";

/// The tutorial's two containers alone.
pub fn with_two_containers(mut lab: Lease) -> Lease {
    let containers = lab.topology().containers.iter();
    let two = containers.filter(|container| container.name != "docker3").cloned().collect();
    lab.replace_containers(two);
    lab
}

/// Leases the lab that is as described, which the one that was in trouble may be no more.
pub async fn the_next_scenario_passes(settings: &Settings, scenario: &str) {
    let lab = Lab::lease(settings, scenario, |_| {}).await.expect("the next scenario has a lab");
    passes(&with_two_containers(lab)).await;
}

/// docker1 pings docker2, and the machines' picture is the tutorial's.
pub async fn passes(lab: &Lease) {
    let containers = lab.set_up().await.expect("the containers come up");
    let captures = lab.capture_everywhere(&containers).await.expect("the captures start");
    let ping = lab.ping("docker1", "docker2").expect("both are there").send().await.expect("the ping ends");
    assert!(ping.is_answered(), "{}", ping.output);
    let recording = captures.finish().await.unwrap_or_else(|error| panic!("{error}"));
    let pictures = recording.pictures(&containers.owners, Order::Whole).expect("there are pictures");
    let snapshot = std::fs::read_to_string(format!("{}/{PICTURE}", SUITE.snapshots)).expect("it is there");
    let expected = snapshot.splitn(3, "---\n").nth(2).unwrap_or_default();
    assert_eq!(pictures.machines.to_string().trim(), expected.trim());
}
