//! Machines that lack a tool, from the beginning or from some moment on.

use std::time::Duration;

use harness::lab::Settings;
use rstest::rstest;

use super::{
    after::the_next_scenario_passes,
    existing::{Existing, lease},
    frozen::assert_kept,
    told::Told,
};

const AT_ONCE: Duration = Duration::from_secs(20);
const FINISH_DEADLINE: Duration = Duration::from_secs(40);

/// Where node-1's accounts find their programs.
const TOOLS: &str = "/run/netns/.tools";

/// node-1 with a path of its own, on which everything is at first.
async fn with_own_path(existing: &Existing) -> Settings {
    let all = format!("mkdir {TOOLS}; ln -s /usr/local/bin/* /usr/bin/* {TOOLS}/ 2>/dev/null || true");
    existing.ask("node-1", &all).await;
    existing.with_sshd(&format!("SetEnv=PATH={TOOLS}"))
}

async fn take_away(existing: &Existing, tool: &str) {
    existing.ask("node-1", &format!("rm {TOOLS}/{tool}")).await;
}

async fn bring_back(existing: &Existing, tool: &str) {
    existing.ask("node-1", &format!("ln -s /usr/bin/{tool} {TOOLS}/")).await;
}

#[rstest]
#[case::captures("tcpdump")]
#[case::pings("ping")]
#[tokio::test]
async fn a_machine_is_refused_that_lacks_what(#[case] tool: &str) {
    let existing = Existing::new(&format!("lacks-{tool}")).await;
    let lacking = with_own_path(&existing).await;
    take_away(&existing, tool).await;
    let told = Told::by(lease(&lacking, &format!("trouble_lacks_{tool}"))).await;
    told.assert(AT_ONCE, &["node-1 lacks", tool, "iputils-ping"]);
    the_next_scenario_passes(existing.settings(), &format!("trouble_after_lacking_{tool}")).await;
}

#[tokio::test]
async fn a_tcpdump_that_goes_missing_makes_the_captures_inconclusive() {
    let existing = Existing::new("tcpdump-goes").await;
    let settings = with_own_path(&existing).await;
    let lab = lease(&settings, "trouble_tcpdump_goes").await.expect("all is there");
    let containers = lab.set_up().await.expect("the containers come up");
    take_away(&existing, "tcpdump").await;
    let captures = lab.capture_everywhere(&containers).await.expect("the others start");
    let told = Told::by(captures.finish()).await;
    let words = [
        "inconclusive",
        "the capture at node-1/",
        "the capture at docker1/",
        "tcpdump",
        "install it on node-1",
    ];
    told.assert(FINISH_DEADLINE, &words);
    assert_kept(&lab, "docker2.macvlan1.pcap");
    drop(lab);
    bring_back(&existing, "tcpdump").await;
    the_next_scenario_passes(&settings, "trouble_after_tcpdump").await;
}

#[rstest]
#[case::in_a_container("docker1", "docker2")]
#[case::on_a_node("node-1", "node-2")]
#[tokio::test]
async fn a_ping_that_goes_missing_is_no_lost_packet(#[case] from: &str, #[case] to: &str) {
    let existing = Existing::new(&format!("ping-goes-{from}")).await;
    let settings = with_own_path(&existing).await;
    let lab = lease(&settings, &format!("trouble_ping_goes_{from}")).await.expect("all is there");
    lab.set_up().await.expect("the containers come up");
    take_away(&existing, "ping").await;
    let ping = lab.ping(from, to).expect("both are there");
    Told::by(ping.send()).await.assert(AT_ONCE, &["on node-1", "ping", "install it on node-1"]);
    drop(lab);
    bring_back(&existing, "ping").await;
    the_next_scenario_passes(&settings, &format!("trouble_after_ping_{from}")).await;
}
