//! A lab that is ten times as slow as namespaces are, from the beginning or from some moment on.

use std::time::Duration;

use super::{
    after::{passes, the_next_scenario_passes},
    existing::{Existing, lease},
    shell::log_in_by,
};

/// What a command takes there before it begins, in seconds.
const DELAY: &str = "sleep 0.2";

#[tokio::test]
async fn a_lab_that_is_slow_has_more_time() {
    let existing = Existing::new("slow").await;
    log_in_by(&existing, DELAY).await;
    let lab = lease(existing.settings(), "trouble_slow").await.expect("the machines are free");
    let measured = lab.facts().patience.round_trip;
    assert!(measured > Duration::from_millis(200), "it was taken for one of {measured:?}");
    passes(&lab).await;
}

#[tokio::test]
async fn a_lab_that_becomes_slow_passes_all_the_same() {
    let existing = Existing::new("slower").await;
    let file = "/run/netns/.delay";
    log_in_by(&existing, &format!("if [ -e {file} ]; then {DELAY}; fi")).await;
    let lab = lease(existing.settings(), "trouble_slower").await.expect("the machines are free");
    existing.ask("node-1", &format!(": >{file}")).await;
    passes(&lab).await;
    drop(lab);
    existing.ask("node-1", &format!("rm {file}")).await;
    the_next_scenario_passes(existing.settings(), "trouble_after_slowness").await;
}
