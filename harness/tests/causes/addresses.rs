//! Who has an address, a link and a route.

use harness::{
    container::InterfaceAddress,
    diagnosis::{Case, Code},
    frame::Content,
};
use rstest::rstest;

use super::{
    altered::{FAR, codes, frames, interface, is_certain, state, without_states},
    recorded::{case, judge},
};

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
    for (_, frames) in case.captures.iter_mut() {
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

/// An asker on its LAN that has no route to it: by its own prefix, or for want of one.
#[rstest]
#[case::by_its_own_prefix(32, true)]
#[case::whose_route_was_deleted(24, false)]
fn an_asker_may_have_no_route_to_its_lan(#[case] prefixlen: u8, #[case] is_cause: bool) {
    let mut case = case("asker-in-another-subnet");
    let local = [192, 168, 245, 180].into();
    interface(&mut case, "docker1", "macvlan1").addr_info =
        vec![InterfaceAddress { local, prefixlen, scope: "global".to_owned() }];
    let found = judge(&case);
    assert_eq!(is_certain(&found, Code::WrongSubnet), is_cause.then_some(true), "{found}");
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
