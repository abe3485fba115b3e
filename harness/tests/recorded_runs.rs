//! Runs with a fault, recorded in a lab, judged again without one.

mod recorded;

use std::path::{Path, PathBuf};

use camino::Utf8Path;
use harness::{
    MacAddress,
    diagnosis::{Case, Code, Control, ControlKind, Loss},
    frame::{Content, Frame},
    journey::Probe,
    ladder::Ladder,
    run_folder::{RunFolder, RunFolderError},
    state::{ForwardingEntry, MachineState, States},
    topology::Topology,
};
use recorded::{case, judge, runs};
use rstest::rstest;

/// Runs whose fault is a link that is down: what was not captured there is known from the link's state alone.
const LINKS_DOWN: [&str; 5] = ["asker-down", "askers-parent-down", "port-down", "parent-down", "child-down"];

fn name_of(topology: &Path) -> String {
    let path = Utf8Path::from_path(topology).expect("the path is text");
    path.parent().and_then(Utf8Path::file_name).expect("it is in a run's folder").to_owned()
}

/// Takes the captures of some points away.
fn without(mut case: Case, points: &[&str]) -> Case {
    case.captures.retain(|(point, _)| !points.contains(&point.to_string().as_str()));
    case
}

/// What was known of the machines is lost.
fn without_states(case: Case) -> Case {
    Case { states: States::default(), ..case }
}

#[rstest]
fn each_run_has_its_ladder_and_verdict(#[files("../fixtures/runs/*/topology.toml")] topology: PathBuf) {
    let name = name_of(&topology);
    let case = case(&name);
    let judgement = case.judge();
    let ladder = Ladder::draw(&judgement.journeys, &case.topology).to_string();
    assert!(ladder.lines().all(|line| line.chars().count() <= 80), "{ladder}");
    insta::assert_snapshot!(name, format!("{ladder}\n{}", judgement.explain(&case)));
}

/// Frames alone never name a wrong cause, and they are where the place comes from.
#[rstest]
fn from_frames_alone_no_cause_is_wrong(#[files("../fixtures/runs/*/topology.toml")] topology: PathBuf) {
    let name = name_of(&topology);
    let case = case(&name);
    let whole = judge(&case);
    let frames = judge(&without_states(case));
    let known = [whole.cause.as_deref(), Some("unknown")];
    assert!(frames.cause.is_none() || known.contains(&frames.cause.as_deref()), "{frames}");
    if frames.cause.as_deref() == Some("unknown") {
        assert!(frames.causes.iter().all(|cause| !cause.decided_by.is_empty()), "{frames}");
    }
    if frames.verdict == "fail" && !LINKS_DOWN.contains(&name.as_str()) {
        assert_eq!((frames.last_seen, frames.missing_at), (whole.last_seen, whole.missing_at));
    }
}

/// Whether a card takes what is for a child is on its list, unless it takes all.
#[rstest]
#[case::lists_the_address(|node: &mut MachineState, mac: MacAddress| {
    let entry = ForwardingEntry { mac, ifname: "ens33".to_owned(), state: "permanent".to_owned() };
    node.forwarding.get_or_insert_default().push(entry);
})]
#[case::takes_all(|node: &mut MachineState, _: MacAddress| {
    let interfaces = node.interfaces.iter_mut().flatten();
    interfaces.for_each(|interface| interface.promiscuity = 1);
})]
#[case::has_told_no_list(|node: &mut MachineState, _: MacAddress| node.forwarding = None)]
fn a_card_is_not_blamed_that(#[case] change: fn(&mut MachineState, MacAddress)) {
    let mut case = case("filtered-by-card");
    let mac = case.owners.macs_of("docker1").next().expect("docker1 has an address");
    for states in [&mut case.states.before, &mut case.states.after] {
        change(states.get_mut("node-1").expect("node-1 has told its state"), mac);
    }
    assert_eq!(judge(&case).cause.as_deref(), Some("unknown"));
}

#[test]
fn what_shows_a_cause_is_a_failures_evidence() {
    let found = judge(&case("child-down"));
    assert_eq!(found.evidence, ["docker2/macvlan1 is not UP"]);
}

#[test]
fn echoes_are_counted_point_by_point() {
    let judgement = case("healthy-dropped-frames").judge();
    let probe: Probe = "docker1:docker2".parse().unwrap();
    let counted = "docker1:docker2, of 3 requests:
  request     1  docker1/macvlan1
  request     1  node-1/ens33
  request     1  host/port-node-1
  request     1  host/port-node-2
  request     ?  node-2/ens33
  request     1  docker2/macvlan1
  reply       1  docker2/macvlan1
  reply       ?  node-2/ens33
  reply       1  host/port-node-2
  reply       1  host/port-node-1
  reply       1  node-1/ens33
  reply       1  docker1/macvlan1
";
    assert_eq!(Loss::of(&probe, 3, &judgement.journeys).to_string(), counted);
    let probe: Probe = "docker3:docker2".parse().unwrap();
    let uncounted = "docker3:docker2, of 3 requests:\n  request  seen nowhere\n  reply    seen nowhere\n";
    assert_eq!(Loss::of(&probe, 3, &judgement.journeys).to_string(), uncounted);
}

#[test]
fn a_point_without_a_capture_widens_the_place() {
    let found = judge(&without(case("forged-transmits-rejected"), &["host/port-node-2", "host/bridge102"]));
    assert_eq!(found.last_seen.as_deref(), Some("host/port-node-1"));
    assert_eq!(found.missing_at.as_deref(), Some("node-2/ens33"));
    assert_eq!(found.not_captured, ["host/port-node-2"]);
    assert!(found.explanation.contains("host/port-node-1 ✓ host/port-node-2 ? node-2/ens33 ✗: "), "{found}");
    assert!(found.explanation.ends_with("nothing was captured at host/port-node-2"), "{found}");
}

#[test]
fn an_asker_without_a_capture_is_not_known_to_be_silent() {
    let found = judge(&without(case("asker-in-another-subnet"), &["docker1/macvlan1"]));
    assert_eq!((found.missing_at, found.not_captured), (None, vec!["docker1/macvlan1".to_owned()]));
}

#[test]
fn no_capture_behind_the_last_that_saw_it_proves_no_loss() {
    let behind = ["host/bridge102", "host/port-node-2", "node-2/ens33", "docker2/macvlan1"];
    let found = judge(&without_states(without(case("forged-transmits-rejected"), &behind)));
    assert_eq!(found.missing_at, None);
    assert!(found.explanation.contains("last seen at host/port-node-1"), "{found}");
    assert_eq!(found.cause.as_deref(), Some("unknown"));
}

#[rstest]
#[case::forged_transmits("forged-transmits-rejected", Code::ForgedTransmitsRejected)]
#[case::promiscuous_mode("promiscuous-rejected", Code::PromiscuousRejected)]
fn a_control_decides_where_facts_are_missing(#[case] run: &str, #[case] code: Code) {
    let undecided = without_states(case(run));
    assert_eq!(judge(&undecided).cause.as_deref(), Some("unknown"));
    assert!(judge(&undecided).causes.iter().any(|cause| cause.code == code && !cause.is_certain));
    let probe = Probe { from: "node-1".to_owned(), to: "docker2".to_owned() };
    let node_passes = Control::uncaptured(ControlKind::NodeToOtherChild, probe, true);
    let decided = judge(&Case { controls: vec![node_passes], ..undecided });
    assert_eq!(decided.cause, Some(code.to_string()), "{decided}");
}

/// What the controls' own captures say is kept, and is enough.
#[rstest]
#[case::forged_transmits("controls-forged", "forged-transmits-rejected")]
#[case::promiscuous_mode("controls-promiscuous-answers", "promiscuous-rejected")]
fn recorded_controls_decide_where_facts_are_missing(#[case] run: &str, #[case] cause: &str) {
    let case = without_states(case(run));
    assert!(case.controls.iter().any(|control| control.judgement.is_some()), "they are captured");
    assert_eq!(judge(&case).cause.as_deref(), Some(cause));
    let undecided = judge(&Case { controls: Vec::new(), ..case });
    assert_eq!(undecided.cause.as_deref(), Some("unknown"), "{undecided}");
}

/// A control's frames tell which way is open, even where its answer was lost.
#[rstest]
#[case::forged_transmits("controls-forged", "forged-transmits-rejected")]
#[case::promiscuous_mode("controls-promiscuous-answers", "promiscuous-rejected")]
fn controls_that_were_not_answered_decide_by_their_frames(#[case] run: &str, #[case] cause: &str) {
    let mut case = without_states(case(run));
    case.controls.iter_mut().for_each(|control| control.is_answered = false);
    assert_eq!(judge(&case).cause.as_deref(), Some(cause));
}

/// The switch is somebody else's: of the port that is down only its other side is known.
#[test]
fn of_a_cable_only_this_end_may_be_known() {
    let mut case = case("port-down");
    case.topology.host = None;
    case.captures.retain(|(point, _)| point.machine != "host");
    case.states.before.remove("host");
    case.states.after.remove("host");
    let found = judge(&case);
    assert_eq!(found.cause.as_deref(), Some("no-carrier"), "{found}");
    assert_eq!(
        (found.last_seen.as_deref(), found.missing_at.as_deref()),
        (Some("node-1/ens33"), Some("node-2/ens33"))
    );
}

/// docker1's frames are in a VLAN, and docker2 never answers.
#[test]
fn a_tag_that_nobody_takes_off() {
    let mut case = without_states(case("no-address"));
    case.captures.iter_mut().flat_map(|(_, frames)| frames).for_each(|frame| frame.vlans.push(100));
    let found = judge(&case);
    assert_eq!(found.cause.as_deref(), Some("vlan-mismatch"), "{found}");
    assert_eq!(found.last_seen.as_deref(), Some("docker2/macvlan1"));
}

/// A switch tags what it gives to docker2's node, and nothing there takes the tag off.
#[test]
fn a_tag_that_a_frame_gets_on_its_way_is_placed() {
    let mut case = without_states(case("no-address"));
    let behind = ["host/port-node-2", "node-2/ens33", "docker2/macvlan1"];
    let tagged = case.captures.iter_mut().filter(|(point, _)| behind.contains(&point.to_string().as_str()));
    tagged.flat_map(|(_, frames)| frames).for_each(|frame| frame.vlans.push(100));
    let found = judge(&case);
    assert_eq!(found.last_seen.as_deref(), Some("host/port-node-1"), "{found}");
    assert_eq!(found.odd_at.as_deref(), Some("host/port-node-2"));
    assert_eq!(found.cause.as_deref(), Some("vlan-mismatch"));
    assert!(
        found.explanation.contains("it got the tag [100] between host/port-node-1 and host/port-node-2"),
        "{found}"
    );
}

/// A frame is the same with its tag and without.
#[test]
fn a_tag_that_is_taken_off_on_the_way_is_no_loss() {
    let mut case = case("healthy");
    let inside = case.captures.iter_mut().filter(|(point, _)| point.machine == "host");
    inside.flat_map(|(_, frames)| frames).for_each(|frame| frame.vlans.push(100));
    assert_eq!(judge(&case).verdict, "pass");
}

#[test]
fn a_success_that_needs_the_captures_is_none() {
    let mut case = case("healthy");
    case.controls = vec![Control::uncaptured(ControlKind::WithoutCaptures, case.probe.clone(), false)];
    let found = judge(&case);
    assert_eq!(found.verdict, "inconclusive");
    assert!(found.evidence[0].starts_with("works-only-while-captured"), "{found}");
}

#[test]
fn an_interface_that_became_promiscuous_puts_a_success_in_doubt() {
    let mut case = case("healthy");
    let before = case.states.before.get_mut("node-2").and_then(|state| state.interfaces.as_mut());
    let uplink = before.into_iter().flatten().find(|interface| interface.ifname == "ens33");
    uplink.expect("node-2 has an uplink").promiscuity = 0;
    let found = judge(&case);
    assert_eq!(found.verdict, "inconclusive");
    assert!(found.evidence[0].starts_with("node-2/ens33 became promiscuous"), "{found}");
}

/// Clocks of different machines say nothing about the order of what they saw.
#[test]
fn clocks_that_disagree_change_nothing() {
    let mut case = case("healthy");
    let late = std::time::Duration::from_secs(3600);
    let of_node_2 = case.captures.iter_mut().filter(|(point, _)| point.machine == "node-2");
    of_node_2.flat_map(|(_, frames)| frames).for_each(|frame| frame.at -= late);
    assert_eq!(judge(&case).verdict, "pass");
}

/// An echo's reply that is lost is told as that, and not as a request that nobody answered.
#[test]
fn a_lost_reply_is_told_apart_from_none() {
    let is_reply = |frame: &Frame| matches!(&frame.content, Content::Echo(_)) && !frame.is_echo_request();
    let mut case = case("healthy");
    case.stimulus = None;
    let near = ["node-1", "docker1"];
    let asker = case.captures.iter_mut().filter(|(point, _)| near.contains(&point.machine.as_str()));
    asker.for_each(|(_, frames)| frames.retain(|frame| !is_reply(frame)));
    let found = judge(&case);
    assert_eq!(found.frame.as_deref(), Some("echo reply seq 1"));
    assert_eq!(
        (found.last_seen.as_deref(), found.missing_at.as_deref()),
        (Some("host/port-node-1"), Some("node-1/ens33"))
    );
}

/// A folder of a run's captures and nothing else, each passed through `alter`, under another extension.
fn by_hand(run: &str, extension: &str, alter: impl Fn(&str, &mut Vec<u8>)) -> camino_tempfile::Utf8TempDir {
    let folder = camino_tempfile::tempdir().unwrap();
    for entry in runs().join(run).read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        if path.extension() == Some("pcap") {
            let name = path.file_name().unwrap();
            let mut data = std::fs::read(&path).unwrap();
            alter(name, &mut data);
            std::fs::write(folder.path().join(name).with_extension(extension), data).unwrap();
        }
    }
    folder
}

fn siblings() -> Topology {
    Topology::load(&runs().join("healthy/topology.toml")).unwrap()
}

/// A folder that somebody filled by hand has captures and nothing else.
#[rstest]
#[case::classic("pcap")]
#[case::next_generation("pcapng")]
fn captures_taken_by_hand_are_judged_alike(#[case] extension: &str) {
    let folder = by_hand("isolation", extension, |_, _| {});
    assert!(matches!(RunFolder::open(folder.path(), None), Err(RunFolderError::NoTopology { .. })));
    let opened = RunFolder::open(folder.path(), Some(siblings())).unwrap();
    let case = opened.case(Some("node-1:docker1".parse().unwrap())).unwrap();
    assert_eq!(judge(&case).cause.as_deref(), Some("isolation"));
}

/// Whose MAC addresses they are is learned from what is said, and so is the probe.
#[test]
fn what_nobody_wrote_down_is_learned_from_the_frames() {
    let folder = by_hand("bridge-netfilter", "pcap", |_, _| {});
    let case = RunFolder::open(folder.path(), Some(siblings())).unwrap().case(None);
    // The containers' broadcasts that close a run's captures are nobody's probe.
    let found = judge(&case.unwrap());
    assert_eq!(
        (found.probe.as_str(), found.missing_at.as_deref()),
        ("docker1:docker2", Some("host/port-node-2"))
    );
    assert!(
        found.causes.iter().any(|cause| cause.code == Code::BridgeNetfilter && !cause.is_certain),
        "{found}"
    );
}

#[test]
fn a_damaged_capture_proves_nothing() {
    let folder = by_hand("healthy", "pcap", |name, data| {
        if name.starts_with("node-2") {
            data.truncate(data.len() - 30);
        }
    });
    let case = RunFolder::open(folder.path(), Some(siblings())).unwrap().case(None).unwrap();
    let found = judge(&case);
    assert_eq!(found.verdict, "inconclusive");
    assert!(found.evidence[0].starts_with("the capture at node-2/ens33 can't be read to its end"), "{found}");
}

#[test]
fn a_probe_between_strangers_is_refused() {
    let folder = RunFolder::open(&runs().join("healthy"), None).unwrap();
    let probe = Probe { from: "docker1".to_owned(), to: "docker9".to_owned() };
    let error = folder.case(Some(probe)).unwrap_err();
    assert!(matches!(error, RunFolderError::Endpoint { ref name, .. } if name == "docker9"), "{error}");
}
