//! Labs that are lent to one scenario after another.

use harness::{lab::Lab, machine::Script, provider::Provider};
use rstest::rstest;

use super::settings::settings;

#[rstest]
#[case::a_link("link", "ip link add left-behind type veth")]
#[case::a_setting("setting", "echo 9 >/proc/sys/net/ipv4/ip_default_ttl")]
#[case::a_queue("queue", "tc qdisc add dev lo clsact")]
#[tokio::test]
async fn a_lab_is_lent_clean_after(#[case] what: &str, #[case] line: &str) {
    // A lab of its own: no other test makes it dirty.
    let settings = settings(Provider::Netns, what);
    let lease = async |scenario: &str| {
        Lab::lease(&settings, &format!("{what}_{scenario}"), |_| {}).await.expect("there is a lab")
    };
    let lab = lease("sets_up").await;
    let first = lab.keeper();
    lab.set_up().await.expect("the containers come up");
    drop(lab);

    let lab = lease("finds_nothing").await;
    lab.set_up().await.expect("the same containers come up again");
    let node = lab.machine("node-1").expect("there is node-1");
    node.run(&Script::new().step(line)).await.expect("something is left behind");
    assert_eq!(lab.keeper(), first, "the lab was clean and lent again");
    drop(lab);

    let lab = lease("gets_another").await;
    assert_ne!(lab.keeper(), first, "the lab was not clean and was replaced");
    lab.set_up().await.expect("the same containers come up again");
}

/// A lab's first process adopts what is left of others: a lab that stands for long must not fill up with them.
#[tokio::test]
async fn commands_leave_no_dead_processes() {
    let lab =
        Lab::lease(&settings(Provider::Netns, "dead"), "commands", |_| {}).await.expect("there is a lab");
    for machine in ["host", "node-1", "node-2"] {
        let machine = lab.machine(machine).expect("it is there");
        machine.run(&Script::new().step("true")).await.expect("it runs");
    }
    let keeper = lab.keeper();
    let children = std::fs::read_to_string(format!("/proc/{keeper}/task/{keeper}/children"));
    let children = children.expect("the keeper lives");
    assert!(!children.is_empty(), "it holds the nodes");
    let dead = |process: &&str| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        status.contains("State:\tZ")
    };
    assert_eq!(children.split_whitespace().filter(dead).count(), 0);
}
