//! Recorded faults with other facts: what names a cause, and what does not.

use std::net::{IpAddr, Ipv4Addr};

use camino::Utf8Path;
use harness::{
    MacAddress,
    container::{Interface, InterfaceAddress, XdpProgram},
    diagnosis::{Case, Code, Control, ControlKind, Explanation},
    frame::{ArpOperation, Content, EchoDirection, Frame, Neighbour, NeighbourMessage},
    run_folder::RunFolder,
    state::{ForwardingEntry, MachineState, Route, States},
    stimulus::Outcome,
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

/// The host's question for docker2, that left the host's bridge and came to no port.
fn hosts_question() -> Case {
    let mut case = lost_question(&FAR);
    case.probe.from = "host".to_owned();
    let host = mac_of(&case, "host");
    for (point, frames) in &mut case.captures {
        frames.retain(|frame| point.interface == "bridge102" && matches!(frame.content, Content::Arp(_)));
        for frame in frames {
            frame.source = host;
            if let Content::Arp(arp) = &mut frame.content {
                (arp.sender_hardware, arp.sender_protocol) = (host, Ipv4Addr::new(192, 168, 245, 1));
            }
        }
    }
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

/// docker1 asked for docker2 and was answered: what keeps it from going on is neither its address nor its link.
#[test]
fn who_has_asked_has_an_address_and_a_link() {
    let mut case = case("healthy");
    case.stimulus = None;
    for (_, frames) in &mut case.captures {
        frames.retain(|frame| matches!(frame.content, Content::Arp(_)));
    }
    let interface = interface(&mut case, "docker1", "macvlan1");
    (interface.addr_info, interface.flags) = (Vec::new(), Vec::new());
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

#[rstest]
#[case::bridges("bridge", "bridge", false, None)]
#[case::a_bridge_and_another("bridge", "vepa", false, Some(true))]
#[case::another_and_a_bridge("vepa", "bridge", false, Some(true))]
#[case::others_where_the_switch_reflects("vepa", "vepa", true, None)]
#[case::a_private_asker("private", "vepa", true, Some(true))]
#[case::a_private_sibling("bridge", "private", true, Some(true))]
fn siblings_hear_each_other_by_their_modes(
    #[case] asker: &str,
    #[case] asked: &str,
    #[case] reflects: bool,
    #[case] expected: Option<bool>,
) {
    let mut case = case("vepa-siblings");
    for (name, mode) in [("docker1", asker), ("docker3", asked)] {
        mode.clone_into(&mut interface(&mut case, name, "macvlan1").linkinfo.info_data.mode);
    }
    state(&mut case, "host").ports.iter_mut().flatten().for_each(|port| port.hairpin = reflects);
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::Mode), expected, "{found}");
}

/// A second interface on the parent, beside the child's, is a sibling of the child's.
#[test]
fn what_a_second_interface_on_the_parent_sends_is_not_isolated() {
    let mut case = without_states("isolation");
    let second = MacAddress([2, 0, 0, 0, 0, 9]);
    for frame in case.captures.iter_mut().flat_map(|(_, frames)| frames) {
        if let Content::Arp(arp) = &mut frame.content {
            (frame.source, arp.sender_hardware) = (second, second);
        }
    }
    assert_eq!(codes(&judge(&case)), [Code::Unknown]);
}

#[test]
fn a_container_is_not_isolated_from_another_node() {
    let mut case = lost_question(&FAR);
    case.probe.to = "node-2".to_owned();
    for frame in case.captures.iter_mut().flat_map(|(_, frames)| frames) {
        if let Content::Arp(arp) = &mut frame.content {
            arp.target_protocol = Ipv4Addr::new(192, 168, 245, 172);
        }
    }
    let found = judge(&case);
    assert_eq!(found.frame.as_deref(), Some("ARP request who-has node-2 tell docker1"));
    assert!(!codes(&found).contains(&Code::Isolation), "{found}");
}

/// docker1's question is lost behind a tap by which it went out.
#[rstest]
#[case::of_its_node("node-1/ens33")]
#[case::of_its_own("docker1/macvlan1")]
fn an_ingress_filter_drops_nothing_that_goes_out(#[case] last_seen: &str) {
    let mut case = Case { states: case("tc-ingress").states, ..lost_question(&FAR) };
    let (machine, name) = last_seen.split_once('/').expect("a point has two names");
    let filters = state(&mut case, "node-2").filters.as_ref().map(|filters| filters["ens33 ingress"].clone());
    let filters = filters.expect("node-2 filters what comes in");
    state(&mut case, machine).filters = Some([(format!("{name} ingress"), filters)].into());
    for (point, frames) in &mut case.captures {
        let point = point.to_string();
        if point != "docker1/macvlan1" && point != last_seen {
            frames.clear();
        }
    }
    let found = judge(&case);
    assert_eq!(found.last_seen.as_deref(), Some(last_seen), "{found}");
    assert_eq!(is_certain(&found, Code::IngressDropped), None, "{found}");
}

#[test]
fn an_egress_filter_drops_nothing_that_comes_in() {
    let missing_at =
        ["host/port-node-1", "host/bridge102", "host/port-node-2", "node-2/ens33", "docker2/macvlan1"];
    let mut case = Case { states: case("tc-egress").states, ..lost_question(&missing_at) };
    let filters = state(&mut case, "node-1").filters.as_ref().map(|filters| filters["ens33 egress"].clone());
    let filters = filters.expect("node-1 filters what goes out");
    state(&mut case, "host").filters = Some([("port-node-1 egress".to_owned(), filters)].into());
    let found = judge(&case);
    assert_eq!(found.missing_at.as_deref(), Some("host/port-node-1"), "{found}");
    assert_eq!(is_certain(&found, Code::EgressDropped), None, "{found}");
}

#[rstest]
#[case::that_fits(84, None)]
#[case::that_is_too_long(83, Some(true))]
fn a_frame_passes_a_link_by_its_length(#[case] mtu: u32, #[case] expected: Option<bool>) {
    let mut case = Case { states: case("healthy").states, ..lost_echo(&FAR) };
    // What it has passed already is wide enough.
    interface(&mut case, "node-1", "ens33").mtu = 28;
    interface(&mut case, "host", "port-node-2").mtu = mtu;
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::MtuBlackHole), expected, "{found}");
}

#[rstest]
#[case::of_a_common_length(1472, None)]
#[case::that_is_longer(1473, Some(false))]
fn a_frame_may_be_too_long_for_a_link_that_is_not_known(
    #[case] payload: usize,
    #[case] expected: Option<bool>,
) {
    let mut case = lost_echo(&FAR);
    for frame in case.captures.iter_mut().flat_map(|(_, frames)| frames) {
        if let Content::Echo(echo) = &mut frame.content {
            echo.payload.resize(payload, 0);
        }
    }
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::MtuBlackHole), expected, "{found}");
}

#[test]
fn a_long_frame_passes_links_that_are_known_to_be_wide() {
    let mut case = case("mtu-black-hole");
    for interface in case.states.after.values_mut().filter_map(|state| state.interfaces.as_mut()).flatten() {
        interface.mtu = 9000;
    }
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::MtuBlackHole), None, "{found}");
}

#[rstest]
#[case::no_room(0, 0, Some(true), 1)]
#[case::no_room_and_drops(0, 5, Some(true), 2)]
#[case::room_and_drops(1000, 5, Some(false), 2)]
#[case::room(1000, 0, None, 0)]
fn a_parents_queue_overflows(
    #[case] room: u32,
    #[case] dropped: u64,
    #[case] expected: Option<bool>,
    #[case] evidence: usize,
) {
    let mut case = case("broadcast-queue-overflow");
    let before = case.states.before["node-2"].interface("ens33").expect("node-2 has it").stats64;
    interface(&mut case, "docker2", "macvlan1").linkinfo.info_data.usedbcqueuelen = Some(room);
    interface(&mut case, "node-2", "ens33").stats64.rx.dropped = before.rx.dropped + dropped;
    let found = judge(&case);
    let cause = found.causes.iter().find(|cause| cause.code == Code::BroadcastQueueOverflow);
    assert_eq!(cause.map(|cause| cause.is_certain), expected, "{found}");
    assert_eq!(cause.map_or(0, |cause| cause.saw.len()), evidence, "{found}");
}

#[test]
fn a_frame_for_one_child_does_not_wait_in_its_parents_queue() {
    let states = case("broadcast-queue-overflow").states;
    let found = judge(&Case { states, ..lost_echo(&["docker2/macvlan1"]) });
    assert_eq!(is_certain(&found, Code::BroadcastQueueOverflow), None, "{found}");
}

#[rstest]
#[case::none(0, None)]
#[case::some(7, Some("that queue dropped 7 frames while ARP request who-has docker2 tell docker1 was lost"))]
fn a_queue_drops_what_it_counts_meanwhile(#[case] dropped: u64, #[case] expected: Option<&str>) {
    let mut case = case("nic-drops");
    for (states, drops) in [(&mut case.states.before, 3), (&mut case.states.after, 3 + dropped)] {
        let queues = states.get_mut("node-1").and_then(|state| state.queues.as_mut()).expect("it was read");
        queues.iter_mut().filter(|queue| queue.dev == "ens33").for_each(|queue| queue.drops = drops);
    }
    let found = judge(&case);
    let of_queue = found.evidence.iter().find(|saw| saw.starts_with("that queue"));
    assert_eq!(of_queue.map(String::as_str), expected, "{found}");
}

#[rstest]
#[case::none([0, 0, 0], None)]
#[case::for_want_of_room([3, 2, 2], Some((true, "node-2/ens33 dropped 7 frames")))]
#[case::for_other_reasons([0, 2, 3], Some((false, "node-2/ens33 dropped 5 frames")))]
fn an_interface_drops_what_it_counts_meanwhile(
    #[case] counted: [u64; 3],
    #[case] expected: Option<(bool, &str)>,
) {
    let missing_at = ["node-2/ens33", "docker2/macvlan1"];
    let mut case = Case { states: case("healthy").states, ..lost_question(&missing_at) };
    let mut stats = case.states.before["node-2"].interface("ens33").expect("node-2 has it").stats64;
    stats.rx.over_errors += counted[0];
    stats.rx.dropped += counted[1];
    stats.tx.dropped += counted[2];
    interface(&mut case, "node-2", "ens33").stats64 = stats;
    let found = judge(&case);
    let cause = found.causes.iter().find(|cause| cause.code == Code::NicDrops);
    let saw = cause.map(|cause| (cause.is_certain, cause.saw[0].split(" while ").next().unwrap_or_default()));
    assert_eq!(saw, expected, "{found}");
}

/// The host's own question is lost on its way out of a port.
#[test]
fn a_program_sees_what_comes_in_alone() {
    let mut case = Case { states: case("healthy").states, ..hosts_question() };
    interface(&mut case, "host", "port-node-2").xdp = Some(XdpProgram::default());
    let found = judge(&case);
    assert_eq!(found.missing_at.as_deref(), Some("host/port-node-2"), "{found}");
    assert_eq!(is_certain(&found, Code::IngressDropped), None, "{found}");
}

/// docker1 sends to an address that docker2's interface has not.
#[rstest]
#[case::whose_it_was(unaltered, Some(true))]
#[case::that_docker2_speaks_from(speak_from_the_address, None)]
#[case::beside_docker2s_own(speak_from_its_own, Some(true))]
#[case::that_it_was_told(tell_the_address, None)]
#[case::of_a_router(|case: &mut Case| route_of_docker1(case).gateway = Some("192.168.245.1".to_owned()), None)]
#[case::of_a_machine(|case: &mut Case| case.owners.owns_mac("node-2", USED), Some(true))]
#[case::of_what_may_be_a_router(|case: &mut Case| { case.owners.owns_mac("node-2", USED); state(case, "docker1").routes = None; }, Some(false))]
#[case::that_nobody_has(|case: &mut Case| state(case, "docker1").routes = None, Some(true))]
fn an_address_is_an_old_entrys(#[case] alter: fn(&mut Case), #[case] expected: Option<bool>) {
    let mut case = case("stale-neighbour");
    alter(&mut case);
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::StaleNeighbour), expected, "{found}");
}

fn unaltered(_: &mut Case) {}

/// The address that the recorded entry has.
const USED: MacAddress = MacAddress([2, 0, 0, 0, 0, 0x99]);

fn route_of_docker1(case: &mut Case) -> &mut Route {
    let routes = state(case, "docker1").routes.as_mut().expect("its routes were read");
    routes.retain(|route| route.dst == "192.168.245.0/24");
    &mut routes[0]
}

fn speak_from_the_address(case: &mut Case) {
    for frames in frames(case, &["docker2/macvlan1", "node-2/ens33"]) {
        frames.push(answer_of_docker2(USED));
    }
}

fn speak_from_its_own(case: &mut Case) {
    let docker2 = interface(case, "docker2", "macvlan1").address.expect("it has an address");
    for frames in frames(case, &["docker2/macvlan1", "node-2/ens33"]) {
        frames.push(answer_of_docker2(docker2));
    }
}

fn tell_the_address(case: &mut Case) {
    let docker3 = mac_of(case, "docker3");
    for frames in frames(case, &["docker1/macvlan1", "node-1/ens33"]) {
        frames.insert(0, Frame { source: docker3, ..answer_of_docker2(USED) });
    }
}

/// docker2's answer to docker1, from and with an address.
fn answer_of_docker2(mac: MacAddress) -> Frame {
    let case = case("healthy");
    let mut answers = case.captures.iter().flat_map(|(_, frames)| frames);
    let is_reply =
        |frame: &&Frame| matches!(&frame.content, Content::Arp(arp) if arp.operation == ArpOperation::Reply);
    let mut answer = answers.find(is_reply).cloned().expect("docker2 answered");
    if let Content::Arp(arp) = &mut answer.content {
        (answer.source, arp.sender_hardware) = (mac, mac);
    }
    answer
}

#[test]
fn what_was_not_seen_to_leave_it_is_not_an_endpoints_address() {
    let mut case = case("mac-mismatch");
    let used = MacAddress([2, 0, 0, 0, 0, 0x77]);
    frames(&mut case, &["docker1/macvlan1", "node-1/ens33"])
        .for_each(|frames| frames.retain(|frame| frame.source != used));
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::MacMismatch), None, "{found}");
}

#[rstest]
#[case::two_holders("duplicate-ip", unaltered, &[Code::DuplicateIp])]
#[case::no_holder("duplicate-ip", |case: &mut Case| take_the_address_from(case, "docker3"), &[Code::Unknown])]
#[case::two_interfaces("arp-flux", unaltered, &[Code::ArpFlux])]
#[case::an_interface_that_has_it_not("arp-flux", |case: &mut Case| take_the_address_from(case, "node-2"), &[Code::Unknown])]
#[case::a_proxy_beside("arp-flux", |case: &mut Case| set_proxy_arp(case, "node-2", "1"), &[Code::Unknown])]
#[case::a_proxy("proxied-arp", unaltered, &[Code::ProxiedArp])]
#[case::no_proxy("proxied-arp", |case: &mut Case| set_proxy_arp(case, "node-1", "0"), &[Code::Unknown])]
fn an_answer_that_is_not_the_owners_has_its_cause(
    #[case] run: &str,
    #[case] alter: fn(&mut Case),
    #[case] expected: &[Code],
) {
    let mut case = Case { weaknesses: Vec::new(), ..case(run) };
    alter(&mut case);
    let found = judge(&case);
    assert_eq!(codes(&found), expected, "{found}");
}

fn take_the_address_from(case: &mut Case, machine: &str) {
    let asked = IpAddr::from([192, 168, 245, 181]);
    let interfaces = state(case, machine).interfaces.iter_mut().flatten();
    interfaces.for_each(|interface| interface.addr_info.retain(|held| held.local != asked));
}

fn set_proxy_arp(case: &mut Case, machine: &str, value: &str) {
    let settings = state(case, machine).settings.as_mut().expect("they were read");
    settings.retain(|path, _| !path.ends_with("/proxy_arp"));
    settings.insert("ipv4/conf/all/proxy_arp".to_owned(), value.to_owned());
}

#[rstest]
#[case::with_a_true_ping(true, Outcome::Answered, Some(2))]
#[case::with_an_unanswered_ping(true, Outcome::Unanswered, Some(1))]
#[case::without_the_address(false, Outcome::Unanswered, None)]
fn an_asker_answers_itself(#[case] holds: bool, #[case] outcome: Outcome, #[case] evidence: Option<usize>) {
    let mut case = case("own-address");
    if !holds {
        take_the_address_from(&mut case, "docker1");
    }
    case.stimulus.as_mut().expect("there is a ping").outcome = Some(outcome);
    let found = judge(&case);
    let cause = found.causes.iter().find(|cause| cause.code == Code::OwnAddress);
    assert_eq!(cause.map(|cause| cause.saw.len()), evidence, "{found}");
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

#[rstest]
#[case::known_from_the_lan(true, [192, 168, 245, 180], None)]
#[case::unknown_on_the_lan(false, [192, 168, 245, 180], None)]
#[case::unknown_from_outside(false, [10, 0, 0, 1], Some(false))]
fn a_reply_has_a_route(#[case] is_known: bool, #[case] from: [u8; 4], #[case] expected: Option<bool>) {
    let mut case = case("no-route-back");
    case.stimulus = None;
    let routes = self::case("healthy").states.after["docker2"].routes.clone();
    state(&mut case, "docker2").routes = routes.filter(|_| is_known);
    for frame in case.captures.iter_mut().flat_map(|(_, frames)| frames) {
        if let Content::Echo(echo) = &mut frame.content {
            echo.source = from.into();
        }
    }
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::NoRouteBack), expected, "{found}");
}

#[rstest]
#[case::of_one_node("docker3", "docker1")]
#[case::of_others("docker3", "node-2")]
fn a_shared_address_is_no_cause(#[case] one: &str, #[case] other: &str) {
    let mut case = case("no-address");
    let name = |machine: &str| if machine.starts_with("docker") { "macvlan1" } else { "ens33" };
    let shared = interface(&mut case, other, name(other)).address;
    interface(&mut case, one, name(one)).address = shared;
    let found = judge(&case);
    assert!(!codes(&found).contains(&Code::DuplicateMac), "{found}");
}

#[test]
fn a_child_of_another_mode_takes_nothing_from_its_parent() {
    let mut case = case("passthru-parent");
    "bridge".clone_into(&mut interface(&mut case, "docker1", "macvlan1").linkinfo.info_data.mode);
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::Mode), None, "{found}");
}

/// node-1's echo request came to docker2: what node-1's passthru child takes has no part in that.
#[test]
fn a_passthru_child_does_not_take_what_its_parent_sends() {
    let mut case = case("healthy-from-a-node");
    case.stimulus = None;
    case.captures
        .iter_mut()
        .for_each(|(_, frames)| frames.retain(|frame| !is_echo(frame, EchoDirection::Reply)));
    "passthru".clone_into(&mut interface(&mut case, "docker1", "macvlan1").linkinfo.info_data.mode);
    let found = judge(&case);
    assert_eq!(found.frame.as_deref(), Some("echo request seq 1"));
    assert_eq!(is_certain(&found, Code::Mode), None, "{found}");
}

#[test]
fn a_broadcast_comes_to_a_passthru_childs_parent_too() {
    let mut case = Case { stimulus: None, weaknesses: Vec::new(), ..case("passthru-parent-asked") };
    for (_, frames) in &mut case.captures {
        frames.retain(|frame| frame.destination.is_group());
    }
    let found = judge(&case);
    assert_eq!(found.frame.as_deref(), Some("ARP request who-has node-2 tell host"));
    assert_eq!(is_certain(&found, Code::Mode), None, "{found}");
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

/// Of docker2's own address nothing is known: the second who answers is the stranger.
#[test]
fn two_answers_that_differ_are_by_two_machines() {
    let mut case = Case { stimulus: None, ..without_states("duplicate-ip") };
    let docker3 = mac_of(&case, "docker3");
    let known = std::mem::take(&mut case.owners);
    for name in ["host", "docker3"] {
        known.macs_of(name).for_each(|mac| case.owners.owns_mac(name, mac));
    }
    for name in ["host", "docker2"] {
        known.addresses_of(name).for_each(|address| case.owners.owns_address(name, address));
    }
    let found = judge(&case);
    let saw = found.causes.iter().find(|cause| cause.code == Code::DuplicateIp).map(|cause| &cause.saw[0]);
    assert!(saw.is_some_and(|saw| saw.starts_with(&docker3.to_string())), "{found}");
}

#[test]
fn an_asker_that_asks_does_not_answer_itself() {
    let mut case = case("no-address");
    let asked = InterfaceAddress {
        local: IpAddr::from([192, 168, 245, 181]),
        prefixlen: 32,
        scope: "global".to_owned(),
    };
    interface(&mut case, "docker1", "macvlan1").addr_info.push(asked);
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::OwnAddress), None, "{found}");
}

/// What docker3 says meanwhile has no part in docker1's silence.
#[rstest]
#[case::it_asks(|frame: &&Frame| matches!(frame.content, Content::Arp(_)), [192, 168, 245, 181])]
#[case::it_pings_another(|frame: &&Frame| is_echo(frame, EchoDirection::Request), [192, 168, 245, 172])]
fn an_asker_answers_itself_while_others_talk(#[case] says: fn(&&Frame) -> bool, #[case] to: [u8; 4]) {
    let mut case = case("own-address");
    let docker3 = mac_of(&case, "docker3");
    let said =
        self::case("healthy").captures.into_iter().flat_map(|(_, frames)| frames).find(|frame| says(&frame));
    let mut said = said.expect("docker1 said so");
    said.source = docker3;
    let docker3s = Ipv4Addr::new(192, 168, 245, 182);
    match &mut said.content {
        Content::Arp(arp) => (arp.sender_protocol, arp.target_protocol) = (docker3s, to.into()),
        Content::Echo(echo) => (echo.source, echo.destination) = (docker3s, to.into()),
        _ => {}
    }
    frames(&mut case, &["docker3/macvlan1", "node-1/ens33"]).for_each(|frames| frames.push(said.clone()));
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::OwnAddress), Some(true), "{found}");
}

/// docker1's question with the tag of VLAN 100, that came to docker2's node and no further.
fn tagged_question() -> Case {
    let mut case = lost_question(&["docker2/macvlan1"]);
    case.captures.iter_mut().flat_map(|(_, frames)| frames).for_each(|frame| frame.vlans = vec![100]);
    case
}

#[rstest]
#[case::nothing(None, Some(false))]
#[case::without_a_tag(Some(vec![]), Some(true))]
#[case::with_the_same_tag(Some(vec![100]), Some(false))]
fn a_receiver_is_in_the_vlan_that_it_speaks_in(
    #[case] vlans: Option<Vec<u16>>,
    #[case] expected: Option<bool>,
) {
    let mut case = tagged_question();
    let docker2 = mac_of(&case, "docker2");
    let question = frames(&mut case, &["node-2/ens33"]).flatten().next().cloned();
    let mut question = question.expect("docker1's question came there");
    question.source = docker2;
    if let Content::Arp(arp) = &mut question.content {
        let ends = ([192, 168, 245, 181], [192, 168, 245, 1]);
        (arp.sender_protocol, arp.target_protocol) = (ends.0.into(), ends.1.into());
    }
    for frames in frames(&mut case, &["docker2/macvlan1", "node-2/ens33"]) {
        frames.extend(vlans.clone().map(|vlans| Frame { vlans, ..question.clone() }));
    }
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::VlanMismatch), expected, "{found}");
}

#[test]
fn a_tag_may_be_taken_off_where_nothing_is_captured() {
    let mut case = tagged_question();
    case.captures.retain(|(point, _)| point.machine != "docker2");
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::VlanMismatch), Some(false), "{found}");
}

#[rstest]
#[case::none(None, Some("the parent of docker2 is no VLAN interface"))]
#[case::another(Some(200), Some("the parent of docker2 is the interface of VLAN [200]"))]
#[case::the_same(Some(100), None)]
fn a_receiver_is_in_the_vlan_of_its_parent(#[case] vlan: Option<u16>, #[case] expected: Option<&str>) {
    let mut case = Case { states: case("healthy").states, ..tagged_question() };
    let linkinfo = &mut interface(&mut case, "node-2", "ens33").linkinfo;
    "vlan".clone_into(&mut linkinfo.info_kind);
    linkinfo.info_data.id = vlan;
    let found = judge(&case);
    let cause = found.causes.iter().find(|cause| cause.code == Code::VlanMismatch);
    let saw = cause.and_then(|cause| cause.saw.get(1)).map(String::as_str);
    assert_eq!((cause.map(|cause| cause.is_certain), saw), (Some(expected.is_some()), expected), "{found}");
}

/// A switch takes tags off as it gives frames to a port.
#[rstest]
#[case::inside_it(&FAR)]
#[case::before_it(&["host/port-node-1", "host/bridge102", "host/port-node-2", "node-2/ens33", "docker2/macvlan1"])]
fn a_tag_may_be_taken_off_by_the_switch(#[case] missing_at: &[&str]) {
    let mut case = Case { states: case("healthy").states, ..lost_question(missing_at) };
    case.captures.iter_mut().flat_map(|(_, frames)| frames).for_each(|frame| frame.vlans = vec![100]);
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::VlanMismatch), Some(false), "{found}");
}
