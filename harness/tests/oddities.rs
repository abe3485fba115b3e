//! A recorded exchange that succeeded, with something in it that is not as it should be.

use std::{net::Ipv4Addr, time::Duration};

use camino::Utf8Path;
use harness::{
    diagnosis::{Case, Explanation},
    frame::{Content, Datagram, EchoDirection, Frame},
    journey::follow,
    run_folder::RunFolder,
    stimulus::Outcome,
};

/// docker1 reached docker2.
fn healthy() -> Case {
    let runs = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("fixtures").join("runs/healthy");
    RunFolder::open(&runs, None).expect("the run can be read").case(None).expect("the run has a probe")
}

fn judge(case: &Case) -> Explanation {
    case.judge().explain(case)
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
