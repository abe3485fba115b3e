//! Recorded faults with other facts: what names a cause, and what does not.

use std::net::Ipv4Addr;

use camino::Utf8Path;
use harness::{
    MacAddress,
    container::Interface,
    diagnosis::{Case, Code, Control, ControlKind, Explanation},
    frame::{Content, EchoDirection, Frame, Neighbour, NeighbourMessage},
    run_folder::RunFolder,
    state::{ForwardingEntry, MachineState, States},
    topology::Container,
};
use rstest::rstest;
use serde_json::json;

const SWITCHES: [Code; 5] = [
    Code::ForgedTransmitsRejected,
    Code::PromiscuousRejected,
    Code::PortNotForwarding,
    Code::StpListening,
    Code::BridgeNetfilter,
];

fn case(run: &str) -> Case {
    let runs = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("fixtures").join("runs");
    RunFolder::open(&runs.join(run), None).expect("the run can be read").case(None).expect("it has a probe")
}

fn without_states(run: &str) -> Case {
    Case { states: States::default(), ..case(run) }
}

fn judge(case: &Case) -> Explanation {
    case.judge().explain(case)
}

fn codes(found: &Explanation) -> Vec<Code> {
    found.causes.iter().map(|cause| cause.code).collect()
}

/// What was known of a machine afterwards.
fn state<'a>(case: &'a mut Case, machine: &str) -> &'a mut MachineState {
    case.states.after.get_mut(machine).expect("the machine was read")
}

fn interface<'a>(case: &'a mut Case, machine: &str, name: &str) -> &'a mut Interface {
    let interfaces = state(case, machine).interfaces.iter_mut().flatten();
    interfaces.into_iter().find(|interface| interface.ifname == name).expect("the machine has it")
}

fn mac_of(case: &Case, name: &str) -> MacAddress {
    case.owners.macs_of(name).next().expect("its owner is known")
}

/// The frames of some points' captures.
fn frames<'a>(case: &'a mut Case, points: &'a [&str]) -> impl Iterator<Item = &'a mut Vec<Frame>> {
    let of = case.captures.iter_mut().filter(|(point, _)| points.contains(&point.to_string().as_str()));
    of.map(|(_, frames)| frames)
}

fn is_echo(frame: &Frame, direction: EchoDirection) -> bool {
    matches!(&frame.content, Content::Echo(echo) if echo.direction == direction)
}

/// docker1's question for docker2, that some points did not see.
fn lost_question(missing_at: &[&str]) -> Case {
    let mut case = Case { stimulus: None, ..without_states("no-address") };
    frames(&mut case, missing_at).for_each(Vec::clear);
    case
}

/// docker1's echo request to docker2, alike: the question before it was answered.
fn lost_echo(missing_at: &[&str]) -> Case {
    let mut case = Case { stimulus: None, ..without_states("healthy") };
    for (_, frames) in &mut case.captures {
        frames.retain(|frame| !is_echo(frame, EchoDirection::Reply));
    }
    frames(&mut case, missing_at)
        .for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Request)));
    case
}

/// Further probes that were answered.
fn answered(probes: &[&str]) -> Vec<Control> {
    let control = |probe: &&str| {
        Control::uncaptured(ControlKind::NodeToOtherChild, probe.parse().expect("it is a probe"), true)
    };
    probes.iter().map(control).collect()
}

/// Whether a cause is named, and if so, whether for certain.
fn is_certain(found: &Explanation, code: Code) -> Option<bool> {
    found.causes.iter().find(|cause| cause.code == code).map(|cause| cause.is_certain)
}

const FAR: [&str; 3] = ["host/port-node-2", "node-2/ens33", "docker2/macvlan1"];

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
    let mut case = case("port-not-forwarding");
    let host = mac_of(&case, "host");
    let mut questions = frames(&mut case, &["docker1/macvlan1"]).flatten().map(|frame| frame.clone());
    let mut question =
        questions.find(|frame| matches!(frame.content, Content::Arp(_))).expect("docker1 asked");
    drop(questions);
    question.source = host;
    if let Content::Arp(arp) = &mut question.content {
        (arp.sender_hardware, arp.sender_protocol) = (host, Ipv4Addr::new(192, 168, 245, 1));
    }
    for (point, frames) in &mut case.captures {
        frames.clear();
        frames.extend((point.interface == "bridge102").then(|| question.clone()));
    }
    case.probe.from = "host".to_owned();
    case.stimulus = None;
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
    let judgement = control.judgement.as_mut().expect("it was captured");
    let stations = judgement.journeys.iter_mut().flat_map(|journey| &mut journey.way);
    stations
        .filter(|station| FAR.contains(&station.point().to_string().as_str()))
        .for_each(|station| station.times = 0);
    case.controls.extend(answered(passing));
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::ForgedTransmitsRejected), expected, "{found}");
}

#[test]
fn without_a_ping_the_topology_says_what_was_asked_for() {
    let case = Case { stimulus: None, ..case("no-address") };
    assert_eq!(codes(&judge(&case)), [Code::NoAddress]);
}

/// docker1 asked for docker2 and was answered: what keeps it from going on is not that it has no address.
#[test]
fn who_has_asked_has_an_address() {
    let mut case = case("healthy");
    case.stimulus = None;
    for (_, frames) in &mut case.captures {
        frames.retain(|frame| matches!(frame.content, Content::Arp(_)));
    }
    interface(&mut case, "docker1", "macvlan1").addr_info.clear();
    let found = judge(&case);
    assert_eq!(
        (found.frame.as_deref(), codes(&found)),
        (Some("echo request"), vec![Code::Unknown]),
        "{found}"
    );
}

/// The last copy was under way when the captures ended.
#[test]
fn of_a_questions_copies_the_one_that_came_furthest_counts() {
    let mut case = case("no-address");
    frames(&mut case, &["docker2/macvlan1"]).for_each(|frames| {
        let last = frames.iter().rposition(|frame| matches!(frame.content, Content::Arp(_)));
        frames.remove(last.expect("it was asked"));
    });
    let found = judge(&case);
    assert_eq!(
        (found.last_seen.as_deref(), found.missing_at.as_deref()),
        (Some("docker2/macvlan1"), None),
        "{found}"
    );
}

#[test]
fn an_advertisement_by_a_stranger_is_a_second_holders() {
    let mut case = without_states("ipv6-no-address");
    case.stimulus = None;
    let (docker1, docker3) = (mac_of(&case, "docker1"), mac_of(&case, "docker3"));
    let question =
        frames(&mut case, &["docker1/macvlan1"]).flatten().find_map(|frame| match &frame.content {
            Content::Neighbour(question) => Some((frame.clone(), question.clone())),
            _ => None,
        });
    let (frame, question) = question.expect("docker1 asked");
    let answer = Neighbour {
        message: NeighbourMessage::Advertisement { router: false, solicited: true, overrides: true },
        source: question.target,
        destination: question.source,
        link_layer: Some(docker3),
        ..question
    };
    let answer =
        Frame { source: docker3, destination: docker1, content: Content::Neighbour(answer), ..frame };
    frames(&mut case, &["docker1/macvlan1", "node-1/ens33", "docker3/macvlan1"])
        .for_each(|frames| frames.push(answer.clone()));
    let found = judge(&case);
    assert!(codes(&found).contains(&Code::DuplicateIp), "{found}");
}

#[test]
fn an_answer_that_is_missing_may_be_for_want_of_an_address() {
    let found = judge(&without_states("no-address"));
    assert_eq!(codes(&found)[..2], [Code::NoAddress, Code::NoSuchAddress], "{found}");
    let means: Vec<&str> = found.causes[..2].iter().map(|cause| cause.means.as_str()).collect();
    assert_eq!(
        means,
        ["docker2 may have no address at all", "docker2 may have another address than was asked for"]
    );
}

/// Of an asker that is not known nothing was asked, so that there was nothing to answer.
#[test]
fn silence_alone_names_no_cause() {
    assert_eq!(codes(&judge(&without_states("asker-in-another-subnet"))), [Code::Unknown]);
}

/// A question of IPv6 is for a group, which those are in who have the address; everybody hears one of ARP.
#[rstest]
#[case::unheard("ipv6-no-address", &["docker2/macvlan1"], true)]
#[case::lost_before("ipv6-no-address", &FAR, false)]
#[case::a_broadcast("no-address", &["docker2/macvlan1"], false)]
fn who_has_no_address_does_not_hear_its_group(
    #[case] run: &str,
    #[case] missing_at: &[&str],
    #[case] is_cause: bool,
) {
    let mut case = case(run);
    frames(&mut case, missing_at).for_each(Vec::clear);
    let found = judge(&case);
    assert_eq!(found.missing_at.as_deref(), Some(missing_at[0]));
    assert_eq!(codes(&found).contains(&Code::NoAddress), is_cause, "{found}");
}

#[test]
fn who_has_answered_for_an_address_has_it() {
    let mut case = case("no-route-back");
    interface(&mut case, "docker2", "macvlan1").addr_info.clear();
    let found = judge(&case);
    assert!(!codes(&found).contains(&Code::NoAddress), "{found}");
}
