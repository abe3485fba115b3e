//! A recorded exchange that succeeded, with something in it that is not as it should be.

mod recorded;

use std::{net::Ipv4Addr, time::Duration};

use harness::{
    diagnosis::{Case, Explanation},
    frame::{ArpOperation, Content, Datagram, Echo, EchoDirection, Frame},
    journey::follow,
    stimulus::Outcome,
};
use recorded::{case, judge};
use rstest::rstest;

/// docker1 reached docker2.
fn healthy() -> Case {
    case("healthy")
}

/// The frames of some machines' captures.
fn frames<'a>(case: &'a mut Case, machines: &'a [&str]) -> impl Iterator<Item = &'a mut Vec<Frame>> {
    let of = case.captures.iter_mut().filter(|(point, _)| machines.contains(&point.machine.as_str()));
    of.map(|(_, frames)| frames)
}

fn is_echo(frame: &Frame, direction: EchoDirection) -> bool {
    matches!(&frame.content, Content::Echo(echo) if echo.direction == direction && !frame.destination.is_group())
}

fn place(found: &Explanation) -> (&str, Option<&str>, Option<&str>) {
    (found.verdict, found.last_seen.as_deref(), found.odd_at.as_deref())
}

/// Sends and answers a second echo at all points: `alter` makes it another.
fn echo_again(case: &mut Case, alter: impl Fn(&mut Echo)) {
    for (_, frames) in case.captures.iter_mut() {
        let mut again: Vec<Frame> = frames.iter().filter(|frame| is_unicast_echo(frame)).cloned().collect();
        again.iter_mut().for_each(|frame| echo_of(frame).map_or((), &alter));
        frames.extend(again);
    }
}

fn echo_of(frame: &mut Frame) -> Option<&mut Echo> {
    match &mut frame.content {
        Content::Echo(echo) => Some(echo),
        _ => None,
    }
}

fn is_unicast_echo(frame: &Frame) -> bool {
    is_echo(frame, EchoDirection::Request) || is_echo(frame, EchoDirection::Reply)
}

#[test]
fn a_payload_that_changes_is_placed_where_it_does() {
    let mut case = healthy();
    for frame in frames(&mut case, &["node-2", "docker2"]).flatten() {
        if let Content::Echo(echo) = &mut frame.content
            && echo.direction == EchoDirection::Request
            && !frame.destination.is_group()
        {
            echo.payload[20] ^= 0xff;
        }
    }
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("host/port-node-2"), Some("node-2/ens33")), "{found}");
    assert!(found.explanation.contains("payload altered"), "{found}");
}

#[test]
fn a_question_that_changes_is_placed_where_it_does() {
    let mut case = healthy();
    for frame in frames(&mut case, &["node-2", "docker2"]).flatten() {
        if let Content::Arp(arp) = &mut frame.content
            && arp.operation == ArpOperation::Request
        {
            arp.target_hardware.0[5] ^= 1;
        }
    }
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("host/port-node-2"), Some("node-2/ens33")), "{found}");
}

/// Somebody sends to docker2 what docker1 did not, where what docker1 did send is lost.
#[test]
fn a_forged_frame_is_not_what_became_of_a_lost_one() {
    let mut case = healthy();
    case.stimulus = None;
    for frames in frames(&mut case, &["node-2", "docker2"]) {
        frames.retain(|frame| !is_echo(frame, EchoDirection::Reply));
        frames.iter_mut().filter_map(echo_of).for_each(|echo| echo.sequence += 6);
    }
    let near = ["docker1", "node-1", "host"];
    frames(&mut case, &near).for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Reply)));
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("host/port-node-2"), None), "{found}");
}

#[test]
fn a_reply_that_comes_twice_is_placed_where_it_doubled() {
    let mut case = healthy();
    for frames in frames(&mut case, &["node-1", "docker1"]) {
        let reply = frames.iter().find(|frame| is_echo(frame, EchoDirection::Reply)).cloned();
        let place = frames.iter().position(|frame| is_echo(frame, EchoDirection::Reply));
        frames.insert(place.expect("it was captured"), reply.expect("it was captured"));
    }
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("host/port-node-1"), Some("node-1/ens33")), "{found}");
}

#[test]
fn a_reply_behind_the_deadline_is_placed_where_its_time_went() {
    let mut case = healthy();
    case.stimulus.as_mut().expect("there is a ping").outcome = Some(Outcome::Unanswered);
    for frame in frames(&mut case, &["host", "node-1", "docker1"]).flatten() {
        if is_echo(frame, EchoDirection::Reply) {
            frame.at += Duration::from_secs(60);
        }
    }
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("node-2/ens33"), Some("host/port-node-2")), "{found}");
}

#[test]
fn a_late_reply_is_placed_by_each_machines_own_clock() {
    let mut case = healthy();
    case.stimulus.as_mut().expect("there is a ping").outcome = Some(Outcome::Unanswered);
    for frame in frames(&mut case, &["docker1"]).flatten() {
        if is_echo(frame, EchoDirection::Reply) {
            frame.at += Duration::from_secs(60);
        }
    }
    for frame in frames(&mut case, &["host"]).flatten() {
        frame.at += Duration::from_secs(3600);
    }
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("node-1/ens33"), Some("docker1/macvlan1")), "{found}");
}

#[test]
fn a_ping_that_denies_its_reply_is_no_verdict() {
    let mut case = healthy();
    case.stimulus.as_mut().expect("there is a ping").outcome = Some(Outcome::Unanswered);
    assert_eq!(judge(&case).verdict, "inconclusive");
}

#[test]
fn a_ping_that_claims_a_reply_which_never_came_is_no_verdict() {
    let mut case = healthy();
    let all = ["docker1", "node-1", "host", "node-2", "docker2", "docker3"];
    frames(&mut case, &all).for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Reply)));
    let found = judge(&case);
    assert_eq!(found.verdict, "inconclusive", "{found}");
    assert!(found.evidence[0].contains("says that it was answered"), "{found}");
}

/// Of two pings that count alike one is lost: the other is not what became of it.
#[test]
fn a_lost_echo_is_not_taken_for_another_pings() {
    let mut case = healthy();
    echo_again(&mut case, |echo| echo.id = echo.id.wrapping_add(1));
    let id =
        case.captures.iter_mut().flat_map(|(_, frames)| frames).find_map(|frame| Some(echo_of(frame)?.id));
    let is_first = |frame: &mut Frame| is_unicast_echo(frame) && echo_of(frame).map(|echo| echo.id) == id;
    frames(&mut case, &["node-2", "docker2"]).for_each(|frames| frames.retain_mut(|frame| !is_first(frame)));
    let is_reply = |frame: &Frame| is_echo(frame, EchoDirection::Reply);
    let near = ["docker1", "node-1", "host"];
    frames(&mut case, &near)
        .for_each(|frames| frames.retain_mut(|frame| !is_reply(frame) || !is_first(frame)));
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("host/port-node-2"), None), "{found}");
    assert_eq!(found.missing_at.as_deref(), Some("node-2/ens33"));
}

#[test]
fn an_echo_that_overtakes_another_is_placed_where_it_did() {
    let mut case = healthy();
    echo_again(&mut case, |echo| echo.sequence = 2);
    assert_eq!(judge(&case).verdict, "pass");
    for frames in frames(&mut case, &["node-2", "docker2"]) {
        let mut requests =
            frames.iter().enumerate().filter(|(_, frame)| is_echo(frame, EchoDirection::Request));
        let (first, second) = (requests.next(), requests.next());
        let places = first.zip(second).map(|((first, _), (second, _))| (first, second));
        let (first, second) = places.expect("both were captured");
        frames.swap(first, second);
    }
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", Some("host/port-node-2"), Some("node-2/ens33")), "{found}");
    assert!(found.explanation.contains("echo request seq 2 overtook it"), "{found}");
}

/// A child gets a broadcast by a queue, and what is for it alone at once.
#[test]
fn an_echo_that_overtakes_a_broadcast_is_as_it_should_be() {
    let mut case = healthy();
    for frames in frames(&mut case, &["docker2"]) {
        let echo = frames.iter().position(|frame| is_echo(frame, EchoDirection::Request));
        let echo = frames.remove(echo.expect("it was captured"));
        frames.insert(0, echo);
    }
    assert_eq!(judge(&case).verdict, "pass");
}

/// docker3's echo to docker2 is lost, or passes a point unseen: that is not what was asked.
#[rstest]
#[case::lost(&["node-2", "docker2"])]
#[case::unseen(&["node-2"])]
fn what_others_say_decides_nothing(#[case] missing_at: &[&str]) {
    let mut case = healthy();
    let docker3 = case.owners.macs_of("docker3").next().expect("docker3 is known");
    for (point, frames) in case.captures.iter_mut() {
        let request = frames.iter().find(|frame| is_echo(frame, EchoDirection::Request)).cloned();
        let Some(mut request) = request.filter(|_| !missing_at.contains(&point.machine.as_str())) else {
            continue;
        };
        request.source = docker3;
        let echo = echo_of(&mut request).expect("it is an echo");
        (echo.source, echo.id) = (Ipv4Addr::new(192, 168, 245, 182), echo.id.wrapping_add(1));
        frames.push(request);
    }
    let found = judge(&case);
    assert_eq!(found.verdict, "pass", "{found}");
}

/// docker3's question for docker2 came further than docker1's.
#[test]
fn anothers_question_is_not_the_probes() {
    let mut case = healthy();
    case.stimulus = None;
    let docker3 = case.owners.macs_of("docker3").next().expect("docker3 is known");
    for (point, frames) in case.captures.iter_mut() {
        frames.retain(
            |frame| matches!(&frame.content, Content::Arp(arp) if arp.operation == ArpOperation::Request),
        );
        let mut question = frames.first().cloned().expect("everybody heard it");
        if let Content::Arp(arp) = &mut question.content {
            (arp.sender_hardware, arp.sender_protocol) = (docker3, Ipv4Addr::new(192, 168, 245, 182));
        }
        question.source = docker3;
        if ["node-2", "docker2"].contains(&point.machine.as_str()) {
            frames.clear();
        }
        frames.push(question);
    }
    let found = judge(&case);
    assert_eq!(found.frame.as_deref(), Some("ARP request who-has docker2 tell docker1"), "{found}");
}

/// A later echo is not answered at all.
#[test]
fn the_first_reply_that_is_lost_is_told() {
    let mut case = healthy();
    case.stimulus = None;
    echo_again(&mut case, |echo| echo.sequence = 2);
    let is_reply = |frame: &mut Frame, sequence| {
        is_echo(frame, EchoDirection::Reply) && echo_of(frame).is_some_and(|echo| echo.sequence == sequence)
    };
    frames(&mut case, &["docker1", "node-1", "host", "node-2", "docker2"])
        .for_each(|frames| frames.retain_mut(|frame| !is_reply(frame, 2)));
    frames(&mut case, &["docker1", "node-1"])
        .for_each(|frames| frames.retain_mut(|frame| !is_reply(frame, 1)));
    assert_eq!(judge(&case).frame.as_deref(), Some("echo reply seq 1"));
}

/// The host hears what is docker2's, from a switch that has heard docker2 before, or has not.
#[test]
fn a_frame_that_leaves_by_another_port_strays_where_the_switch_knew_better() {
    let case = healthy();
    let is_reply =
        |frame: &Frame| matches!(&frame.content, Content::Arp(arp) if arp.operation == ArpOperation::Reply);
    let at_port = case.captures.iter().find(|(point, _)| point.interface == "port-node-2");
    let (_, at_port) = at_port.expect("the port was captured");
    let request = at_port.iter().find(|frame| is_echo(frame, EchoDirection::Request)).cloned();
    let stray = request.expect("it was captured");
    let heard = at_port.iter().find(|frame| is_reply(frame)).expect("docker2 answered").at;
    let judge_stray_at = |at| {
        let mut case = case.clone();
        let bridge = case.captures.iter_mut().find(|(point, _)| point.interface == "bridge102");
        bridge.expect("the bridge was captured").1.push(Frame { at, ..stray.clone() });
        judge(&case)
    };
    let found = judge_stray_at(stray.at);
    assert_eq!(place(&found), ("fail", Some("docker2/macvlan1"), Some("host/bridge102")), "{found}");
    assert!(found.explanation.contains("it left by host/bridge102 too, where docker2 is not"), "{found}");
    assert_eq!(judge_stray_at(heard).verdict, "pass");
}

/// What was answered came: the capture at the end is not whole.
#[test]
fn a_request_that_was_answered_is_not_lost() {
    let mut case = healthy();
    let end = ["docker2"];
    frames(&mut case, &end).for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Request)));
    let found = judge(&case);
    assert_eq!(found.verdict, "inconclusive", "{found}");
    assert!(found.evidence[0].starts_with("docker2/macvlan1 lies on the way of echo request"), "{found}");
}

/// What went on past a capture was there: that capture is not whole.
#[test]
fn a_frame_that_passed_a_point_unseen_is_not_lost_there() {
    let mut case = healthy();
    frames(&mut case, &["node-2"])
        .for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Request)));
    let found = judge(&case);
    assert_eq!(found.verdict, "inconclusive", "{found}");
    assert!(found.evidence[0].starts_with("node-2/ens33 lies on the way of echo request"), "{found}");
}

/// A frame that is lost behind a point which it passed unseen is shown as far as it came.
#[test]
fn a_way_is_told_to_the_point_where_the_frame_is_lost() {
    let mut case = healthy();
    case.stimulus = None;
    let all = ["docker1", "node-1", "host", "node-2", "docker2"];
    frames(&mut case, &all).for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Reply)));
    let unseen = ["node-1", "node-2", "docker2"];
    frames(&mut case, &unseen)
        .for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Request)));
    let found = judge(&case);
    let way = "docker1/macvlan1 ✓ node-1/ens33 ✗ host/port-node-1 ✓ host/port-node-2 ✓ node-2/ens33 ✗: lost between";
    assert!(found.explanation.contains(way), "{found}");
}

/// docker3 heard docker1's question, and nobody else did.
#[test]
fn a_question_that_is_only_heard_elsewhere_is_never_seen_on_its_way() {
    let mut case = healthy();
    case.stimulus = None;
    frames(&mut case, &["docker1", "node-1", "host", "node-2", "docker2"]).for_each(Vec::clear);
    let found = judge(&case);
    assert_eq!(place(&found), ("fail", None, None), "{found}");
    assert!(found.explanation.contains("docker1/macvlan1 ✗: never seen on its way"), "{found}");
}

#[test]
fn datagrams_are_not_followed() {
    let mut case = healthy();
    let followed = |case: &Case| follow(&case.captures, &case.owners, &case.markers, &case.topology).len();
    let before = followed(&case);
    let datagram = Datagram {
        source: Ipv4Addr::new(192, 168, 245, 180),
        destination: Ipv4Addr::new(192, 168, 245, 181),
        ttl: 64,
        source_port: 40000,
        destination_port: 7,
        length: 5,
        dhcp: None,
    };
    for frames in frames(&mut case, &["docker1", "node-1"]) {
        let sent = frames.iter().find(|frame| is_echo(frame, EchoDirection::Request)).cloned();
        frames.extend(sent.map(|sent| Frame { content: Content::Datagram(datagram.clone()), ..sent }));
    }
    assert_eq!(followed(&case), before);
}

/// A parent that can't filter by address becomes promiscuous with its first child: no capture did that.
#[test]
fn a_child_that_came_up_explains_a_parent_that_became_promiscuous() {
    let mut case = healthy();
    let node = case.states.before.get_mut("node-2").and_then(|state| state.interfaces.as_mut());
    let uplink = node.into_iter().flatten().find(|interface| interface.ifname == "ens33");
    uplink.expect("node-2 has an uplink").promiscuity = 0;
    assert_eq!(judge(&case).verdict, "inconclusive");
    case.states.before.remove("docker2");
    assert_eq!(judge(&case).verdict, "pass");
}
