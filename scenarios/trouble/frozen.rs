//! A node that does not answer any more, and does not end either.

use std::time::Duration;

use harness::{
    lab::{Lab, Lease},
    machine::Script,
    provider::Provider,
};

use super::{
    after::the_next_scenario_passes,
    existing::{Existing, lease},
    hermetic,
    told::Told,
};

/// What a script has on a fast lab.
const SCRIPT_DEADLINE: Duration = Duration::from_secs(10);
/// What the markers, the captures' end and the machines' state have there.
const FINISH_DEADLINE: Duration = Duration::from_secs(40);
/// What a machine has to let a run in, and what the run adds.
const CONNECT_DEADLINE: Duration = Duration::from_secs(70);
/// What is the tests' own, on a machine that does more than this.
const LEEWAY: Duration = Duration::from_secs(10);

/// Stops a node: its processor, or its part of the processes where it is made of namespaces.
async fn freeze(lab: &Lab, node: &str) {
    let stop = if lab.facts().provider == Provider::Qemu {
        format!(
            "for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in qemu*'-name {node} '*) kill -STOP ${{p#/proc/}};; esac; done"
        )
    } else {
        let machine = lab.machine(node).expect("there is such a node");
        let net =
            machine.run(&Script::new().step("readlink /proc/self/ns/net")).await.expect("it tells").stdout;
        format!(
            "for p in /proc/[0-9]*; do [ \"$(readlink $p/ns/net)\" != '{}' ] || case $(cat $p/comm) in \
             sshd*) kill -STOP ${{p#/proc/}};; esac; done",
            net.trim()
        )
    };
    lab.endpoint("host").expect("the lab is ours").run(&shell(&stop)).await.expect("it can be stopped");
}

fn shell(lines: &str) -> String {
    format!("sh -c '{}'", lines.replace('\'', r"'\''"))
}

fn scaled(lab: &Lab, deadline: Duration) -> Duration {
    lab.facts().patience.deadline(deadline) + LEEWAY
}

#[tokio::test]
async fn a_script_on_a_frozen_node_ends_in_its_time() {
    let settings = hermetic::settings("frozen-script");
    let lab = hermetic::lease(&settings, "trouble_frozen_script").await;
    freeze(&lab, "node-1").await;
    let node = lab.machine("node-1").expect("there is node-1");
    let told = Told::by(node.run(&Script::new().step("uptime"))).await;
    told.assert(scaled(&lab, SCRIPT_DEADLINE), &["`uptime` on node-1", "had not ended", "is frozen"]);
    drop(lab);
    the_next_scenario_passes(&settings, "trouble_after_a_frozen_script").await;
}

#[tokio::test]
async fn a_node_that_freezes_during_captures_makes_them_inconclusive() {
    let settings = hermetic::settings("frozen-captures");
    let lab = hermetic::lease(&settings, "trouble_frozen_captures").await;
    let containers = lab.set_up().await.expect("the containers come up");
    let captures = lab.capture_everywhere(&containers).await.expect("the captures start");
    lab.ping("docker1", "docker2").expect("both are there").send().await.expect("the ping ends");
    freeze(&lab, "node-2").await;
    let told = Told::by(captures.finish()).await;
    let words = ["inconclusive", "the capture at node-2/", "the capture at docker2/", "lab trace"];
    told.assert(scaled(&lab, FINISH_DEADLINE), &words);
    assert!(!told.text.contains("the capture at node-1/"), "{}", told.text);
    assert_kept(&lab, "docker1.macvlan1.pcap");
    drop(lab);
    the_next_scenario_passes(&settings, "trouble_after_frozen_captures").await;
}

/// A capture that holds frames, and not only a header.
pub fn assert_kept(lab: &Lease, file: &str) {
    let kept = std::fs::metadata(lab.folder().join(file)).expect("the capture is kept");
    assert!(kept.len() > 24, "it has no frames");
}

#[tokio::test]
async fn a_machine_that_is_silent_when_it_is_connected_to_is_given_up() {
    let existing = Existing::new("silent").await;
    let config = existing.aliases();
    let way = config.lines().find(|line| line.contains("ProxyCommand")).expect("there is a way in");
    let silent = existing.as_reached_by(&config.replacen(way, "  ProxyCommand sh -c 'cat >/dev/null; :'", 1));
    let told = Told::by(lease(&silent, "trouble_silent")).await;
    told.assert(CONNECT_DEADLINE, &["ssh did not connect to node-1", "nothing was heard", "is frozen"]);
    the_next_scenario_passes(existing.settings(), "trouble_after_silence").await;
}
