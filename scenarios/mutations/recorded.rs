//! Recordings that differ in what says nothing about the network: clocks, and what others say on the LAN.

use std::{fs, time::Duration};

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::Utf8TempDir;
use harness::{
    diagnosis::Explanation,
    frame::{CaptureReader, Frame, Record},
    picture::{Order, Picture},
    run_folder::RunFolder,
    topology::Topology,
    transcript::{Marker, Owners, Parties, transcribe},
    vantage_point::{Side, VantagePoint},
};
use miette::IntoDiagnostic as _;
use rstest::{Context, rstest};
use serde::Deserialize;

use super::{mutation::Kind, score::Result, trial::name};

const DAY: Duration = Duration::from_secs(86_400);
const PCAP_MAGIC: u32 = 0xa1b2_c3d4;
const LONGEST: u32 = 262_144;
const ETHERNET: u32 = 1;

/// What differs in a recording.
#[derive(Clone, Copy)]
enum Change {
    /// The clock of the captures whose names begin so is ahead.
    ClockAhead(&'static str),
    /// The same clock jumps back between two frames.
    ClockJumpsBack(&'static str),
    /// Somebody says this before each frame, and behind the last, everywhere.
    Said(&'static [&'static [u8]]),
}

const SPANNING_TREE: &[&[u8]] =
    &[&[0x01, 0x80, 0xc2, 0, 0, 0, 2, 0, 0, 0, 0, 0x77, 0, 38, 0x42, 0x42, 3], &[0; 35]];
const LINK_LAYER_DISCOVERY: &[&[u8]] =
    &[&[0x01, 0x80, 0xc2, 0, 0, 0x0e, 2, 0, 0, 0, 0, 0x77, 0x88, 0xcc], &[0; 46]];
const IGMP_QUERY: &[&[u8]] = &[
    &[0x01, 0, 0x5e, 0, 0, 1, 2, 0, 0, 0, 0, 0x77, 8, 0],
    &[0x46, 0, 0, 32, 0, 0, 0, 0, 1, 2, 0, 0, 192, 168, 245, 77, 224, 0, 0, 1, 0x94, 4, 0, 0],
    &[0x11, 100, 0xee, 0x9b, 0, 0, 0, 0],
];
const MLD_REPORT: &[&[u8]] = &[
    &[0x33, 0x33, 0, 0, 0, 0x16, 2, 0, 0, 0, 0, 0x77, 0x86, 0xdd],
    &[0x60, 0, 0, 0, 0, 36, 0, 1, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0x77],
    &[0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16, 58, 0, 5, 2, 0, 0, 1, 0],
    &[143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0x77],
];
const QUESTION_OF_OTHERS: &[&[u8]] = &[
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0x77, 8, 6],
    &[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x77, 192, 168, 245, 77, 0, 0, 0, 0, 0, 0, 192, 168, 245, 78],
];
const QUESTION_FOR_DOCKER2: &[&[u8]] = &[
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0x77, 8, 6],
    &[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x77, 192, 168, 245, 77, 0, 0, 0, 0, 0, 0, 192, 168, 245, 181],
];

#[rstest]
#[case::a_clock_that_is_days_ahead(Change::ClockAhead("node-2."))]
#[case::the_askers_clock_is_days_ahead(Change::ClockAhead("docker1."))]
#[case::a_clock_that_jumps_back(Change::ClockJumpsBack("docker2."))]
#[case::the_askers_clock_jumps_back(Change::ClockJumpsBack("docker1."))]
#[case::spanning_tree(Change::Said(SPANNING_TREE))]
#[case::link_layer_discovery(Change::Said(LINK_LAYER_DISCOVERY))]
#[case::group_membership(Change::Said(IGMP_QUERY))]
#[case::group_membership_in_ipv6(Change::Said(MLD_REPORT))]
#[case::questions_of_others(Change::Said(QUESTION_OF_OTHERS))]
fn is_judged_alike(#[context] context: Context, #[case] change: Change) -> miette::Result<()> {
    let mut result = Result::begun(&name(&context), Kind::Benign);
    let folder = changed(change)?;
    let found = judged(folder.path())?;
    let (expected, seen) = (pictures(&healthy())?, pictures(folder.path())?);
    (result.crossed, result.told) = (1, format!("{found}{seen}"));
    result.red = usize::from(found.verdict == "fail" || seen != expected);
    result.inconclusive = usize::from(found.verdict == "inconclusive");
    result.write()?;
    assert_eq!(found.verdict, "pass", "{found}");
    assert_eq!(seen, expected);
    Ok(())
}

/// Whoever asks for a container is of its picture, and no fault of the path's.
#[test]
fn a_strangers_question_for_docker2_is_shown_and_is_no_fault() -> miette::Result<()> {
    let folder = changed(Change::Said(QUESTION_FOR_DOCKER2))?;
    let found = judged(folder.path())?;
    assert_eq!(found.verdict, "pass", "{found}");
    let (before, seen) = (pictures(&healthy())?, pictures(folder.path())?);
    assert!(!before.contains("unknown"), "{before}");
    assert!(seen.contains("ARP, Request who-has docker2 tell 192.168.245.77"), "{seen}");
    Ok(())
}

fn healthy() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runs/healthy")
}

/// The healthy run's folder once more, with a change in its captures.
fn changed(change: Change) -> miette::Result<Utf8TempDir> {
    let folder = camino_tempfile::tempdir().into_diagnostic()?;
    for entry in healthy().read_dir_utf8().into_diagnostic()? {
        let path = entry.into_diagnostic()?.into_path();
        let name = path.file_name().unwrap_or_default();
        let mut data = fs::read(&path).into_diagnostic()?;
        if path.extension() == Some("pcap") {
            let mut records = records(&data);
            change.make(name, &mut records);
            data = pcap(&records);
        }
        fs::write(folder.path().join(name), data).into_diagnostic()?;
    }
    Ok(folder)
}

fn judged(folder: &Utf8Path) -> miette::Result<Explanation> {
    let case = RunFolder::open(folder, None)?.case(None)?;
    Ok(case.judge().explain(&case))
}

/// What a recording was of.
#[derive(Deserialize)]
struct Notes {
    owners: Owners,
    markers: Vec<Marker>,
}

/// The pictures that a scenario compares with its snapshots, where others speak on the LAN too.
fn pictures(folder: &Utf8Path) -> miette::Result<String> {
    let topology = Topology::load(&folder.join("topology.toml"))?;
    let notes = fs::read(folder.join("recording.json")).into_diagnostic()?;
    let notes: Notes = serde_json::from_slice(&notes).into_diagnostic()?;
    let names = topology.containers.iter().map(|container| container.name.as_str());
    let parties = Parties::named(&notes.owners, names);
    let read = |point: VantagePoint| {
        let data = fs::read(folder.join(point.file_name())).into_diagnostic()?;
        let frames = records(&data).iter().map(Frame::decode).collect::<Vec<_>>();
        let ours = frames.into_iter().filter(|frame| parties.are_of(frame)).collect();
        Ok((point, ours))
    };
    let captures = VantagePoint::along_the_path(&topology).into_iter().map(read);
    let captures = captures.collect::<miette::Result<Vec<(VantagePoint, Vec<Frame>)>>>()?;
    let transcripts = transcribe(&captures, &notes.owners, &notes.markers);
    let draw = |side| Picture::draw(&transcripts, side, Order::Whole, &topology);
    Ok(format!("{}\n{}", draw(Side::Machines)?, draw(Side::Switch)?))
}

fn records(data: &[u8]) -> Vec<Record<'static>> {
    let mut reader = CaptureReader::new();
    reader.push(data);
    let mut next = || reader.next_record().expect("a recorded capture can be read").map(Record::into_owned);
    std::iter::from_fn(&mut next).collect()
}

impl Change {
    /// Changes one capture's records; the file is named after its point.
    fn make(self, file: &str, records: &mut Vec<Record<'static>>) {
        match self {
            Self::ClockAhead(begin) if file.starts_with(begin) => {
                records.iter_mut().for_each(|record| record.at += 3 * DAY);
            }
            Self::ClockJumpsBack(begin) if file.starts_with(begin) => {
                let half = records.len() / 2;
                records.iter_mut().skip(half).for_each(|record| record.at -= DAY);
            }
            Self::Said(bytes) => between(records, bytes),
            _ => {}
        }
    }
}

/// Puts a frame before each record, and one behind the last.
fn between(records: &mut Vec<Record<'static>>, bytes: &[&[u8]]) {
    let bytes = bytes.concat();
    let other = |at: Duration| Record {
        at,
        original_length: u32::try_from(bytes.len()).expect("a frame is short"),
        bytes: bytes.to_vec().into(),
        link_type: harness::frame::LinkType::Ethernet,
        interface: None,
    };
    let end = records.last().map(|last| last.at).unwrap_or_default();
    let mixed = records.drain(..).flat_map(|record| [other(record.at), record]).collect();
    *records = mixed;
    records.push(other(end));
}

/// A capture file of the classic kind.
fn pcap(records: &[Record]) -> Vec<u8> {
    let header = [PCAP_MAGIC, 0x0004_0002, 0, 0, LONGEST, ETHERNET];
    let mut data: Vec<u8> = header.iter().flat_map(|word| word.to_le_bytes()).collect();
    for Record { at, original_length, bytes, .. } in records {
        let length = u32::try_from(bytes.len()).expect("a frame is short");
        let seconds = u32::try_from(at.as_secs()).expect("before 2106");
        data.extend(
            [seconds, at.subsec_micros(), length, *original_length]
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
        data.extend_from_slice(bytes);
    }
    data
}
