//! The lab that a scenario gets.

pub use harness::scenario::LeasedLab;
use harness::scenario::Suite;

/// The scenarios of this package.
pub const SUITE: Suite = harness::suite!("fixtures/topologies/lab.toml", "snapshots", "lab");

/// Leases the lab that `LAB` asks for, with the tutorial's two containers.
#[track_caller]
pub fn lab(scenario: &str) -> impl Future<Output = miette::Result<LeasedLab>> {
    lab_with(&["docker1", "docker2"], scenario)
}

/// Leases the lab with docker3 too, beside docker1 on its node.
#[track_caller]
pub fn lab_with_siblings(scenario: &str) -> impl Future<Output = miette::Result<LeasedLab>> {
    lab_with(&["docker1", "docker2", "docker3"], scenario)
}

/// Leases the lab with these of its topology's containers.
#[track_caller]
pub fn lab_with(containers: &[&str], scenario: &str) -> impl Future<Output = miette::Result<LeasedLab>> {
    let leased = SUITE.lab(scenario);
    async move { Ok(leased.await?.with_containers(containers)?) }
}
