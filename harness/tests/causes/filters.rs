//! Filters, queues and lengths: what takes a frame on its way.

use harness::{
    container::XdpProgram,
    diagnosis::{Case, Code},
    frame::Content,
};
use rstest::rstest;

use super::{
    altered::{FAR, hosts_question, interface, is_certain, lost_echo, lost_question, state},
    recorded::{case, judge},
};

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
    for (point, frames) in case.captures.iter_mut() {
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
