//! Tags that one end speaks with and the other does not.

use harness::{
    diagnosis::{Case, Code},
    frame::{Content, Frame},
};
use rstest::rstest;

use super::{
    altered::{FAR, frames, interface, is_certain, lost_question, mac_of},
    recorded::{case, judge},
};

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
