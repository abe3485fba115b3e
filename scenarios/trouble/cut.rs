//! A connection that breaks, and a node that reboots, in the middle of what a scenario does.

use std::time::Duration;

use harness::{lab::Need, machine::Script};

use super::{
    after::{passes, the_next_scenario_passes},
    existing::{Existing, lease},
    frozen::assert_kept,
    hermetic,
    told::Told,
};

/// A connection that closes is noticed at once.
const AT_ONCE: Duration = Duration::from_secs(5);
/// What captures have on a lab of virtual machines that are emulated.
const FINISH_DEADLINE: Duration = Duration::from_secs(300);

/// Ends the sshd of the connection that this runs over, and goes on when its ends of the pipes are
/// closed: a killed process may live on for some time on another processor.
const CUT: &str = "p=$PPID; until case $(cat /proc/$p/comm) in sshd*) true;; *) false;; esac; do \
                   p=$(cut -d' ' -f4 /proc/$p/stat); done; kill -9 $p; while test -e /proc/$p; do :; done";

#[tokio::test]
async fn what_a_script_did_before_it_was_cut_is_undone() {
    let existing = Existing::new("cut").await;
    let before = existing.state("node-2").await;
    let lab = lease(existing.settings(), "trouble_cut").await.expect("the machines are free");
    let script = Script::new()
        .change("ip link add in-the-middle type veth", "ip link del in-the-middle")
        .step(CUT)
        .step("ip link add never type veth");
    let node = lab.machine("node-2").expect("there is node-2");
    let told = Told::by(node.run(&script)).await;
    told.assert(AT_ONCE, &["kill -9", "on node-2", "the ssh session to the machine broke", "console"]);
    drop(lab);
    the_next_scenario_passes(existing.settings(), "trouble_after_the_cut").await;
    let _as_new = lease(existing.settings(), "trouble_cut_is_undone").await.expect("the machines are free");
    assert_eq!(existing.state("node-2").await, before);
}

#[tokio::test]
async fn a_lab_of_our_own_that_was_cut_is_replaced() {
    let settings = hermetic::settings("cut-own");
    let lab = hermetic::lease(&settings, "trouble_cut_own").await;
    let first = lab.keeper();
    lab.set_up().await.expect("the containers come up");
    let node = lab.machine("node-1").expect("there is node-1");
    let told = Told::by(node.run(&Script::new().step(CUT))).await;
    told.assert(AT_ONCE, &["on node-1", "the ssh session to the machine broke", "console"]);
    drop(lab);
    let next = hermetic::lease(&settings, "trouble_after_its_cut").await;
    assert_ne!(next.keeper(), first, "the lab is lent again without a way to node-1");
    passes(&next).await;
}

#[tokio::test]
#[ignore = "needs a VM lab: a reboot"]
async fn a_node_that_reboots_unasked_makes_the_captures_inconclusive() {
    let settings = hermetic::settings("reboots");
    let lab = hermetic::lease(&settings, "trouble_reboots").await;
    lab.needs(Need::Reboot).await.expect("the node can be rebooted");
    let containers = lab.set_up().await.expect("the containers come up");
    let captures = lab.capture_everywhere(&containers).await.expect("the captures start");
    lab.ping("docker1", "docker2").expect("both are there").send().await.expect("the ping ends");
    let node = lab.machine("node-2").expect("there is node-2");
    // It takes the answer with it.
    let _ = node.run(&Script::new().step("echo b >/proc/sysrq-trigger")).await;
    let told = Told::by(captures.finish()).await;
    told.assert(FINISH_DEADLINE, &["inconclusive", "the capture at node-2/", "lab trace"]);
    assert!(!told.text.contains("the capture at node-1/"), "{}", told.text);
    assert_kept(&lab, "docker1.macvlan1.pcap");
    drop(lab);
    the_next_scenario_passes(&settings, "trouble_after_the_reboot").await;
}
