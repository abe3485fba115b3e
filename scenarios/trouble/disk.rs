//! Disks that are full: a node's, where changes are recorded, and the one that takes the evidence.

use std::{env, fs, process::Command, time::Duration};

use camino::Utf8PathBuf;
use harness::lab::{Lab, Lease, Settings};

use super::{
    after::{the_next_scenario_passes, with_two_containers},
    existing::{Existing, lease},
    hermetic,
    told::Told,
};

const AT_ONCE: Duration = Duration::from_secs(10);
const FINISH_DEADLINE: Duration = Duration::from_secs(40);

/// Puts a full disk where a node's changes are recorded.
const FILL: &str = "mkdir -p /run/macvlan-e2e; mount -t tmpfs -o size=4k full /run/macvlan-e2e; \
                    dd if=/dev/zero of=/run/macvlan-e2e/filler 2>/dev/null || true";

#[tokio::test]
async fn nothing_is_changed_on_a_node_whose_disk_is_full() {
    let settings = hermetic::settings("full-node");
    let lab = hermetic::lease(&settings, "trouble_full_node").await;
    let node = lab.endpoint("node-1").expect("there is node-1");
    node.run(&format!("sh -c '{FILL}'")).await.expect("the disk is filled");
    let links = "ip -o link";
    let before = node.run(links).await.expect("it tells").stdout;
    let told = Told::by(lab.set_up()).await;
    told.assert(AT_ONCE, &["on node-1", "can't be recorded", "df -h"]);
    assert_eq!(node.run(links).await.expect("it tells").stdout, before);
    let first = lab.keeper();
    drop(lab);
    let next = hermetic::lease(&settings, "trouble_full_node_replaced").await;
    assert_ne!(next.keeper(), first, "the lab is lent again with a full disk");
    drop(next);
    the_next_scenario_passes(&settings, "trouble_after_a_full_node").await;
}

#[tokio::test]
async fn a_machine_whose_disk_is_full_is_told_and_given_back_as_it_was() {
    let existing = Existing::new("full-machine").await;
    let before = existing.state("node-2").await;
    let lab = lease(existing.settings(), "trouble_full_machine").await.expect("the machines are free");
    existing.ask("node-2", "mount -o remount,size=64k /run/macvlan-e2e").await;
    existing.ask("node-2", "dd if=/dev/zero of=/run/macvlan-e2e/filler bs=4k 2>/dev/null || true").await;
    Told::by(lab.set_up()).await.assert(AT_ONCE, &["on node-2", "can't be recorded", "df -h"]);
    drop(lab);
    existing.ask("node-2", "rm /run/macvlan-e2e/filler").await;
    the_next_scenario_passes(existing.settings(), "trouble_after_a_full_machine").await;
    let _as_new = lease(existing.settings(), "trouble_disk_is_undone").await.expect("the machines are free");
    assert_eq!(existing.state("node-2").await, before);
}

/// A disk for the evidence, in a mount namespace of this run's own.
const ON_A_SMALL_DISK: &str = "TROUBLE_DISK";

#[test]
fn evidence_that_can_not_be_written_is_none() {
    let disk = camino_tempfile::tempdir().expect("a place for the disk");
    let output = Command::new("unshare")
        .args([
            "--mount",
            "sh",
            "-ec",
            "mount -t tmpfs -o size=1m small \"$0\"; exec \"$@\"",
            disk.path().as_str(),
        ])
        .arg(env::current_exe().expect("this test has a file"))
        .args(["trouble::disk::a_run_on_a_small_disk", "--exact", "--ignored", "--nocapture"])
        .env(ON_A_SMALL_DISK, disk.path())
        .env_remove("NEXTEST_RUN_ID")
        .output()
        .expect("there is an unshare");
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[tokio::test]
#[ignore = "the other tests run this as a process on a disk of its own"]
async fn a_run_on_a_small_disk() {
    let disk = Utf8PathBuf::from(env::var(ON_A_SMALL_DISK).expect("there is a small disk"));
    let settings = Settings { runs: disk.join("runs"), ..hermetic::settings("full-host") };
    let filler = disk.join("filler");
    let fill = || drop(fs::write(&filler, vec![0; 1 << 20]));
    let lab = lease_here(&settings, "trouble_full_before_the_exchange").await;
    let containers = lab.set_up().await.expect("the containers come up");
    fill();
    let captures = lab.capture_everywhere(&containers).await.expect("the lab's own disks have room");
    lab.ping("docker1", "docker2").expect("both are there").send().await.expect("the ping ends");
    let told = Told::by(captures.finish()).await;
    told.assert(
        FINISH_DEADLINE,
        &["trouble_full_before_the_exchange", "No space left on device", "df -h", "LAB_RUNS"],
    );
    drop(lab);
    fs::remove_file(&filler).expect("there is room again");
    the_next_scenario_passes(&settings, "trouble_after_a_full_host").await;
}

async fn lease_here(settings: &Settings, scenario: &str) -> Lease {
    with_two_containers(Lab::lease(settings, scenario, |_| {}).await.expect("there is a lab"))
}
