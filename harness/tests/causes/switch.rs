//! What the switch between the nodes, and its ports, do to a frame.

use harness::{
    diagnosis::{Case, Code, ControlKind},
    state::ForwardingEntry,
    topology::Container,
};
use rstest::rstest;
use serde_json::json;

use super::{
    altered::{
        FAR, SWITCHES, answered, codes, hosts_question, interface, is_certain, lost_echo, lost_question,
        mac_of, state, without_states,
    },
    recorded::{case, judge},
};

#[rstest]
#[case::the_containers("port-node-1", Code::Unknown)]
#[case::another("port-node-2", Code::ForgedTransmitsRejected)]
fn a_locked_port_drops_what_it_does_not_know(#[case] known_behind: &str, #[case] cause: Code) {
    let mut case = case("forged-transmits-rejected");
    let entry = ForwardingEntry {
        mac: mac_of(&case, "docker1"),
        ifname: known_behind.to_owned(),
        state: String::new(),
    };
    state(&mut case, "host").forwarding.as_mut().expect("the bridge's table was read").push(entry);
    assert_eq!(codes(&judge(&case)), [cause]);
}

#[test]
fn a_port_that_is_not_locked_drops_no_strangers() {
    let mut case = case("forged-transmits-rejected");
    state(&mut case, "host").ports.iter_mut().flatten().for_each(|port| port.locked = false);
    assert_eq!(codes(&judge(&case)), [Code::Unknown]);
}

#[test]
fn a_locked_port_drops_echoes_too() {
    let states = case("forged-transmits-rejected").states;
    let found = judge(&Case { states, ..lost_echo(&FAR) });
    assert_eq!(is_certain(&found, Code::ForgedTransmitsRejected), Some(true), "{found}");
}

#[rstest]
#[case::a_question(lost_question, &[], Some(false))]
#[case::a_question_that_its_node_may_send(lost_question, &["node-1:docker2"], Some(true))]
#[case::a_question_where_its_node_may_send(lost_question, &["node-1:node-2"], Some(true))]
#[case::a_question_that_a_sibling_may_send(lost_question, &["docker3:docker2"], Some(false))]
#[case::a_question_where_it_may_send(lost_question, &["docker1:node-2"], None)]
#[case::an_echo(lost_echo, &[], None)]
#[case::an_echo_that_its_node_may_send(lost_echo, &["node-1:docker2"], Some(true))]
#[case::an_echo_where_its_node_may_send(lost_echo, &["node-1:node-2"], None)]
fn other_probes_tell_whether_it_is_about_the_sender(
    #[case] lost: fn(&[&str]) -> Case,
    #[case] controls: &[&str],
    #[case] expected: Option<bool>,
) {
    let found = judge(&Case { controls: answered(controls), ..lost(&FAR) });
    assert_eq!(is_certain(&found, Code::ForgedTransmitsRejected), expected, "{found}");
}

#[rstest]
#[case::an_echo(&[], Some(false))]
#[case::where_its_node_may_hear(&["docker1:node-2"], Some(true))]
#[case::that_it_may_hear_from_a_node(&["node-1:docker2"], None)]
#[case::that_it_may_hear_from_a_sibling(&["docker3:docker2"], None)]
#[case::that_a_sibling_may_hear(&["docker1:docker4"], Some(false))]
fn other_probes_tell_whether_it_is_about_the_receiver(
    #[case] controls: &[&str],
    #[case] expected: Option<bool>,
) {
    let mut case = lost_echo(&FAR);
    let sibling = case.topology.containers.iter().find(|container| container.name == "docker2").cloned();
    let sibling = Container { name: "docker4".to_owned(), ..sibling.expect("it is there") };
    case.topology.containers.push(sibling);
    let found = judge(&Case { controls: answered(controls), ..case });
    assert_eq!(is_certain(&found, Code::PromiscuousRejected), expected, "{found}");
}

#[rstest]
#[case::that_floods(true, "port-node-2", None)]
#[case::that_knows_the_receiver(false, "port-node-1", None)]
#[case::that_knows_it_elsewhere(false, "port-node-2", Some(true))]
fn a_port_delivers(#[case] flood: bool, #[case] known_behind: &str, #[case] expected: Option<bool>) {
    let mut case = case("promiscuous-rejected");
    let entry = ForwardingEntry {
        mac: mac_of(&case, "docker1"),
        ifname: known_behind.to_owned(),
        state: String::new(),
    };
    let host = state(&mut case, "host");
    host.forwarding.as_mut().expect("the bridge's table was read").push(entry);
    host.ports.iter_mut().flatten().for_each(|port| port.flood = flood);
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::PromiscuousRejected), expected, "{found}");
}

#[test]
fn a_port_without_its_table_may_not_deliver() {
    let mut case = case("promiscuous-rejected");
    state(&mut case, "host").forwarding = None;
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::PromiscuousRejected), Some(false), "{found}");
}

#[rstest]
#[case::both_known(Some("1"), "policy", Some(true))]
#[case::switched_off(Some("0"), "policy", None)]
#[case::nothing_dropped(Some("1"), "nothing", None)]
#[case::some_dropped(Some("1"), "some", Some(false))]
#[case::the_setting_unknown(None, "policy", Some(false))]
fn bridged_frames_are_filtered(
    #[case] calls: Option<&str>,
    #[case] drops: &str,
    #[case] expected: Option<bool>,
) {
    let mut case = case("bridge-netfilter");
    let policy = if drops == "policy" { "drop" } else { "accept" };
    let chain =
        json!({"family": "ip", "table": "filter", "name": "FORWARD", "hook": "forward", "policy": policy});
    let rule = json!({"family": "ip", "table": "filter", "chain": "FORWARD", "expr": [{"match": {}}, {"drop": null}]});
    let objects = match drops {
        "some" => json!([{"chain": chain}, {"rule": rule}]),
        _ => json!([{"chain": chain}]),
    };
    let host = state(&mut case, "host");
    host.ruleset = serde_json::from_value(json!({"nftables": objects})).expect("it is a ruleset");
    host.settings =
        calls.map(|calls| [("bridge/bridge-nf-call-iptables".to_owned(), calls.to_owned())].into());
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::BridgeNetfilter), expected, "{found}");
}

#[rstest]
fn what_is_lost_outside_the_switch_is_not_the_switchs_doing(
    #[values(
        &["host/port-node-1", "host/bridge102", "host/port-node-2", "node-2/ens33", "docker2/macvlan1"],
        &["node-2/ens33", "docker2/macvlan1"],
        &["docker2/macvlan1"],
    )]
    missing_at: &[&str],
    #[values(lost_question, lost_echo)] lost: fn(&[&str]) -> Case,
) {
    let found = judge(&lost(missing_at));
    assert_eq!(found.missing_at.as_deref(), Some(missing_at[0]), "{found}");
    assert!(codes(&found).iter().all(|code| !SWITCHES.contains(code)), "{found}");
}

/// The ports have no captures: the cables are good, as far as is known.
#[test]
fn what_is_lost_between_the_nodes_may_be_the_switchs_doing() {
    let mut case = without_states("forged-transmits-rejected");
    case.captures.retain(|(point, _)| point.machine != "host");
    let found = judge(&case);
    assert_eq!(
        (found.last_seen.as_deref(), found.missing_at.as_deref()),
        (Some("node-1/ens33"), Some("node-2/ens33"))
    );
    assert!(codes(&found).contains(&Code::ForgedTransmitsRejected), "{found}");
}

#[test]
fn a_closed_port_keeps_the_hosts_frames_too() {
    let case = Case { states: case("port-not-forwarding").states, ..hosts_question() };
    assert_eq!(codes(&judge(&case)), [Code::PortNotForwarding]);
}

/// What the node itself sends is lost at the same place: then it is not about the container's address, unless something
/// else of the node's passes.
#[rstest]
#[case::all_lost(&[], None)]
#[case::one_lost(&["node-1:node-2"], Some(true))]
fn controls_that_are_lost_alike_rule_a_cause_out(#[case] passing: &[&str], #[case] expected: Option<bool>) {
    let mut case = without_states("controls-forged");
    case.controls.retain(|control| control.kind == ControlKind::NodeToOtherChild);
    let control = &mut case.controls[0];
    control.is_answered = false;
    let mut captured = self::case("controls-forged/controls/node-to-other-child");
    let far = captured.captures.iter_mut().filter(|(point, _)| FAR.contains(&point.to_string().as_str()));
    far.for_each(|(_, frames)| frames.clear());
    control.judgement = Some(captured.judge());
    case.controls.extend(answered(passing));
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::ForgedTransmitsRejected), expected, "{found}");
}

#[rstest]
#[case::down(&[], "DOWN", Code::LinkDown)]
#[case::without_a_carrier(&["UP", "NO-CARRIER"], "DOWN", Code::NoCarrier)]
fn a_port_whose_link_is_gone_is_closed_by_that(
    #[case] flags: &[&str],
    #[case] operstate: &str,
    #[case] expected: Code,
) {
    let mut case = case("port-not-forwarding");
    let port = interface(&mut case, "host", "port-node-2");
    port.flags = flags.iter().map(ToString::to_string).collect();
    operstate.clone_into(&mut port.operstate);
    assert_eq!(codes(&judge(&case)), [expected]);
}

#[test]
fn one_frame_that_is_delivered_rules_a_cause_out() {
    let mut case = without_states("controls-promiscuous-answers");
    case.controls.extend(answered(&["docker1:node-2"]));
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::PromiscuousRejected), None, "{found}");
}

#[rstest]
#[case::an_answer(without_states("promiscuous-rejected"), ControlKind::NodeToOtherChild)]
#[case::an_echo(lost_echo(&FAR), ControlKind::ChildToOtherNode)]
fn the_probe_that_would_decide_is_named(#[case] case: Case, #[case] control: ControlKind) {
    let found = judge(&case);
    let cause = found.causes.iter().find(|cause| cause.code == Code::PromiscuousRejected);
    assert_eq!(cause.expect("it is possible").decided_by[0], control.to_string(), "{found}");
}
