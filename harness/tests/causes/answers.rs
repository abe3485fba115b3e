//! Who answers, and for whom.

use std::net::{IpAddr, Ipv4Addr};

use harness::{
    MacAddress,
    container::InterfaceAddress,
    diagnosis::{Case, Code},
    frame::{ArpOperation, Content, EchoDirection, Frame, Neighbour, NeighbourMessage},
    state::Route,
    stimulus::Outcome,
};
use rstest::rstest;

use super::{
    altered::{codes, frames, interface, is_certain, is_echo, mac_of, state, unaltered, without_states},
    recorded::{case, judge},
};

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
    let said = self::case("healthy").captures.iter().flat_map(|(_, frames)| frames).find(says).cloned();
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
