//! Several labs of one run.

use std::{
    num::NonZeroU32,
    pin::{Pin, pin},
};

use futures_util::future::try_join;
use harness::{
    lab::{Lab, Lease, Settings},
    machine::Script,
    provider::Provider,
};
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};

use super::{settings::settings, untouched::Untouched};

/// A run of so many labs, which no other test has.
fn pool(name: &str, labs: u32) -> Settings {
    let jobs = NonZeroU32::new(labs).expect("a run has a lab");
    Settings { jobs, ..settings(Provider::Netns, name) }
}

async fn lease(settings: &Settings, scenario: &str) -> Lease {
    let scenario = format!("{}_{scenario}", settings.topology_path.file_stem().unwrap_or_default());
    Lab::lease(settings, &scenario, |_| {}).await.expect("there is a lab")
}

/// Sets containers up in a lab, while somebody else still waits for one.
async fn set_up_while_waiting(lab: &Lease, waiting: Pin<&mut impl Future>) {
    tokio::select! {
        biased;
        _ = waiting => panic!("there is a lab for who is to wait"),
        containers = lab.set_up() => drop(containers.expect("the containers come up")),
    }
}

/// Both have containers of the same names and addresses at the same time.
#[tokio::test]
async fn two_scenarios_at_the_same_time_have_two_labs() {
    let settings = pool("two-labs", 2);
    let (one, other) = (lease(&settings, "one").await, lease(&settings, "other").await);
    assert_ne!(one.keeper(), other.keeper());
    let both = try_join(one.set_up(), other.set_up());
    both.await.expect("the containers come up in both");
}

/// Another lab is for those who would have to wait: not for who comes while one is cleaned.
#[tokio::test]
async fn one_scenario_after_another_has_one_lab() {
    let settings = pool("one-after-another", 2);
    let first = lease(&settings, "first").await.keeper();
    for scenario in ["second", "third"] {
        assert_eq!(lease(&settings, scenario).await.keeper(), first, "{scenario}");
    }
}

#[tokio::test]
async fn scenarios_queue_for_the_only_lab() {
    let settings = pool("one-lab", 1);
    let first = lease(&settings, "first").await;
    let mut second = pin!(lease(&settings, "second"));
    set_up_while_waiting(&first, second.as_mut()).await;
    let keeper = first.keeper();
    drop(first);
    let second = second.await;
    assert_eq!((second.keeper(), second.lease_number()), (keeper, 2));
}

/// As one in a debugger, or one that is suspended: its turn passes, and it comes again.
#[tokio::test]
async fn who_is_stopped_while_waiting_keeps_the_lab_from_nobody() {
    let settings = pool("stopped", 1);
    let first = lease(&settings, "first").await;
    let mut stopped = pin!(lease(&settings, "stopped"));
    set_up_while_waiting(&first, stopped.as_mut()).await;
    drop(first);
    drop(lease(&settings, "another").await);
    assert_eq!(stopped.await.lease_number(), 3);
}

/// Whoever waits has the first lab that is free.
#[tokio::test]
async fn who_waits_gets_the_first_lab_that_is_given_back() {
    let settings = pool("first-free", 2);
    let (one, other) = (lease(&settings, "one").await, lease(&settings, "other").await);
    let mut waiting = pin!(lease(&settings, "waiting"));
    set_up_while_waiting(&one, waiting.as_mut()).await;
    let keeper = other.keeper();
    drop(other);
    assert_eq!(waiting.await.keeper(), keeper);
    assert_eq!(one.lease_number(), 1, "the other goes on with its own");
}

/// A lab that never comes up takes nothing from those that are there.
#[tokio::test]
async fn a_lab_that_does_not_come_up_fails_nobody_who_waits_for_another() {
    let settings = pool("never-up", 2);
    let first = lease(&settings, "first").await;
    let keeper = first.keeper();
    // The keeper of the second lab reads it itself.
    std::fs::remove_file(&settings.topology_path).expect("it is there");
    let mut waiting = pin!(lease(&settings, "waiting"));
    set_up_while_waiting(&first, waiting.as_mut()).await;
    drop(first);
    assert_eq!(waiting.await.keeper(), keeper);
    assert_eq!(lease(&settings, "later").await.keeper(), keeper);
}

/// Where none comes up, that is told, and no other is tried.
#[tokio::test]
async fn the_first_lab_that_does_not_come_up_is_told_at_once() {
    let settings = pool("none-up", 2);
    std::fs::remove_file(&settings.topology_path).expect("it is there");
    for _ in 0..2 {
        let failed = Lab::lease(&settings, "a_scenario", |_| {}).await.expect_err("there is no lab");
        assert!(format!("{failed:?}").contains("none-up.toml"), "{failed:?}");
    }
}

#[derive(Clone, Copy)]
enum Loss {
    KeeperIsKilled,
    LabIsLeftDirty,
}

/// One lab is lost while another is used: who waits gets a new one in its place, and the other is left alone.
#[rstest]
#[case::the_keeper_is_killed("killed", Loss::KeeperIsKilled)]
#[case::the_lab_is_left_dirty("dirty", Loss::LabIsLeftDirty)]
#[tokio::test]
async fn a_lab_is_replaced_while_others_go_on(#[case] name: &str, #[case] loss: Loss) {
    let before = Untouched::now();
    let settings = pool(name, 2);
    let (one, other) = (lease(&settings, "one").await, lease(&settings, "other").await);
    let mut waiting = pin!(lease(&settings, "waiting"));
    set_up_while_waiting(&one, waiting.as_mut()).await;
    let lost = other.keeper();
    match loss {
        Loss::KeeperIsKilled => {
            let keeper = i32::try_from(lost).ok().and_then(Pid::from_raw).expect("it has a pid");
            kill_process(keeper, Signal::KILL).expect("the keeper can be killed");
        }
        Loss::LabIsLeftDirty => {
            let node = other.machine("node-1").expect("there is node-1");
            let dirt = Script::new().step("ip link add left-behind type veth");
            node.run(&dirt).await.expect("something is left behind");
            drop(other);
        }
    }
    let new = waiting.await;
    assert!(![one.keeper(), lost].contains(&new.keeper()), "it is another lab");
    new.set_up().await.expect("the containers come up in it");
    one.endpoint("docker1")
        .expect("it has docker1")
        .run("ip link")
        .await
        .expect("the other lab is as it was");
    assert_eq!(Untouched::now(), before);
}
