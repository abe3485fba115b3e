//! Captures that were recorded in a lab, read again without one.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    frame::{Content, Frame, PcapReader},
    picture::{Order, Picture},
    topology::Topology,
    transcript::{Marker, Owners, Transcripts, transcribe},
    vantage_point::{Side, VantagePoint},
};
use rstest::rstest;
use serde::Deserialize;

#[derive(Deserialize)]
struct Notes {
    owners: Owners,
    markers: Vec<Marker>,
}

fn root() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness is in the project").to_owned()
}

fn topology() -> Topology {
    Topology::load(&root().join("fixtures/topologies/tutorial.toml"))
        .expect("the tutorial's topology is valid")
}

/// The captures of a folder, in the order of the path.
fn captures(folder: &Utf8Path) -> Vec<(VantagePoint, Vec<Frame>)> {
    let read = |point: VantagePoint| {
        let data = fs::read(folder.join(point.file_name())).expect("the capture is there");
        let (records, damage) = PcapReader::read_all(&data);
        assert_eq!(damage, None, "{point}");
        (point, records.iter().map(Frame::decode).collect())
    };
    VantagePoint::along_the_path(&topology()).into_iter().map(read).collect()
}

fn transcripts(name: &str, alter: impl Fn(&mut Frame)) -> Transcripts {
    let folder = root().join("fixtures/captures").join(name);
    let notes = fs::read_to_string(folder.join("recording.json")).expect("the recording has notes");
    let notes: Notes = serde_json::from_str(&notes).expect("the notes are readable");
    let mut captures = captures(&folder);
    captures.iter_mut().flat_map(|(_, frames)| frames).for_each(alter);
    transcribe(&captures, &notes.owners, &notes.markers)
}

/// The very snapshots that the scenarios assert.
fn assert_picture(name: &str, picture: &Picture) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name, picture.to_string()));
}

#[rstest]
#[case::cold_machines(
    "docker1-pings-docker2",
    "docker1_pings_docker2.machines",
    Side::Machines,
    Order::Whole
)]
#[case::cold_switch("docker1-pings-docker2", "docker1_pings_docker2.switch", Side::Switch, Order::Whole)]
#[case::stale_machines(
    "stale-neighbours",
    "stale_neighbours.machines",
    Side::Machines,
    Order::WithinExchanges
)]
#[case::stale_switch("stale-neighbours", "stale_neighbours.switch", Side::Switch, Order::WithinExchanges)]
fn a_recording_gives_the_pictures_of_its_scenario(
    #[case] recording: &str,
    #[case] snapshot: &str,
    #[case] side: Side,
    #[case] order: Order,
) {
    let transcripts = transcripts(recording, |_| {});
    assert_picture(snapshot, &Picture::draw(&transcripts, side, order, &topology()).unwrap());
}

fn machines(alter: impl Fn(&mut Frame)) -> String {
    let transcripts = transcripts("docker1-pings-docker2", alter);
    Picture::draw(&transcripts, Side::Machines, Order::Whole, &topology()).unwrap().to_string()
}

#[test]
fn a_router_on_the_way_shows() {
    let picture = machines(|frame| {
        if let Content::Echo(echo) = &mut frame.content {
            echo.ttl = 63;
        }
    });
    assert!(picture.contains("ICMP echo request, id A, seq 1, ttl 63"), "{picture}");
}

#[test]
fn a_stranger_who_answers_shows() {
    let picture = machines(|frame| {
        if let Content::Arp(arp) = &mut frame.content
            && frame.destination.0 != [0xff; 6]
        {
            arp.sender_hardware.0 = [2, 0, 0, 0, 0, 99];
        }
    });
    assert!(picture.contains("docker2 > docker1    ARP, Reply docker2 is-at unknown#1"), "{picture}");
}

#[test]
fn a_wrong_checksum_shows() {
    let picture = machines(|frame| {
        if let Content::Echo(echo) = &mut frame.content {
            echo.checksum_holds = false;
        }
    });
    assert!(picture.contains("ICMP echo reply, id A, seq 1, wrong checksum"), "{picture}");
}

#[test]
fn a_reply_with_another_payload_shows() {
    let picture = machines(|frame| {
        let reply = !frame.is_echo_request();
        if let Content::Echo(echo) = &mut frame.content
            && reply
        {
            echo.payload[20] ^= 1;
        }
    });
    assert!(picture.contains("ICMP echo reply, id A, seq 1, payload altered"), "{picture}");
    assert!(picture.contains("ICMP echo request, id A, seq 1\n"), "{picture}");
}

#[test]
fn a_vlan_tag_shows() {
    let picture = machines(|frame| frame.vlans.push(100));
    assert!(picture.contains("vlan 100, ARP, Request who-has docker2 tell docker1"), "{picture}");
}

#[test]
fn other_identifiers_are_the_same_picture() {
    let picture = machines(|frame| {
        if let Content::Echo(echo) = &mut frame.content {
            echo.id = echo.id.wrapping_add(77);
        }
    });
    assert_eq!(picture, machines(|_| {}));
}
