//! What the modes of children let pass.

use std::net::Ipv4Addr;

use harness::{
    MacAddress,
    diagnosis::{Case, Code},
    frame::{Content, EchoDirection},
};
use rstest::rstest;

use super::{
    altered::{FAR, codes, interface, is_certain, is_echo, lost_question, state, without_states},
    recorded::{case, judge},
};

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
    for (_, frames) in case.captures.iter_mut() {
        frames.retain(|frame| frame.destination.is_group());
    }
    let found = judge(&case);
    assert_eq!(found.frame.as_deref(), Some("ARP request who-has node-2 tell host"));
    assert_eq!(is_certain(&found, Code::Mode), None, "{found}");
}
