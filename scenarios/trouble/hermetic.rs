//! A lab of our own, in trouble: the one that `LAB` names, or namespaces.

use std::env;

use harness::{
    lab::{Lab, Lease, Settings},
    provider::Provider,
};

use super::{after::with_two_containers, existing};

const TOPOLOGY: &str = include_str!("../../fixtures/topologies/lab.toml");

/// A lab that no other test makes trouble in.
pub fn settings(name: &str) -> Settings {
    let provider = env::var("LAB").ok().filter(|lab| !lab.is_empty());
    let provider = provider.map_or(Provider::Netns, |lab| lab.parse().expect("LAB names a lab"));
    existing::settings(provider, name, TOPOLOGY)
}

/// The tutorial's two containers.
pub async fn lease(settings: &Settings, scenario: &str) -> Lease {
    with_two_containers(Lab::lease(settings, scenario, |_| {}).await.expect("there is a lab"))
}
