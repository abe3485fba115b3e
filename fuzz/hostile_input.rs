//! What is asked of each reader of foreign data, whatever the data: it ends, does not panic, and what it says is true of itself.
//!
//! The fuzz targets run these functions on made-up data, and `harness/tests/hostile_input.rs` on the data that is checked in.

use std::{cell::RefCell, fmt::Debug, fs, str, time::Duration};

use camino::Utf8Path;
use camino_tempfile::Utf8TempDir;
use harness::{
    JsonLine,
    capture::Evidence,
    container::Interface,
    dissection::{Dissection, TimeOfDay},
    frame::{CaptureReader, Frame, LinkType, Packet, PcapError, Record},
    gate::{Gate, annotations},
    lab::SshConnection,
    ladder::Ladder,
    provider,
    report::{RunReport, ScenarioResult},
    run_folder::RunFolder,
    state::{MachineState, States},
    topology::Topology,
    transcript::{Claims, Owners, narrate},
};
use jiff::tz::TimeZone;

const TUTORIAL: &str = include_str!("../fixtures/topologies/tutorial.toml");

/// What a name in a bundle of files stands behind ([`run_folder`]).
const FILE_MARK: &[u8] = b"\n=== ";

/// pcap and pcapng: the same records in one piece as in pieces of the first byte's size, and never more bytes than came.
pub fn capture_file(data: &[u8]) {
    let Some((size, data)) = data.split_first() else { return };
    let whole = read_capture(data, data.len().max(1));
    assert_eq!(whole, read_capture(data, usize::from(*size).max(1)));
    let captured: usize = whole.0.iter().map(|record| record.bytes.len()).sum();
    assert!(captured <= data.len(), "{captured} bytes of {} were captured", data.len());
}

fn read_capture(data: &[u8], size: usize) -> (Vec<Record<'static>>, Option<PcapError>) {
    let mut reader = CaptureReader::new();
    let mut records = Vec::new();
    for piece in data.chunks(size) {
        reader.push(piece);
        loop {
            match reader.next_record() {
                Ok(Some(record)) => records.push(record.into_owned()),
                Ok(None) => break,
                Err(error) => return (records, Some(error)),
            }
        }
    }
    (records, reader.finish().err())
}

/// A record's bytes behind a byte for its link layer and one for what was cut off.
fn record(data: &[u8]) -> Option<Record<'_>> {
    let [link_type, cut, bytes @ ..] = data else { return None };
    let link_types = [LinkType::Ethernet, LinkType::LinuxSll, LinkType::LinuxSll2];
    Some(Record {
        at: Duration::from_millis(1_767_225_600_123),
        original_length: u32::try_from(bytes.len()).ok()? + u32::from(*cut),
        bytes: bytes.into(),
        link_type: link_types[usize::from(*link_type) % link_types.len()],
        interface: None,
    })
}

/// The decoder, and the words and the JSON that are made of its frames: nothing in them moves a terminal's cursor.
pub fn decoder(data: &[u8]) {
    let Some(record) = record(data) else { return };
    let packet = Packet::decode(&record);
    let mut claims = Claims::new(Owners::from(&tutorial()));
    claims.hear(&packet);
    assert_plain(&narrate(&packet, &claims.owners()));
    if record.link_type == LinkType::Ethernet {
        let frame = Frame::decode(&record);
        assert_eq!(frame.content, packet.content);
    }
    let line = JsonLine::new("any.pcap", &record, &packet);
    let json = serde_json::to_string(&line).expect("a frame is told as JSON");
    assert!(!json.contains('\n'), "{json}");
}

/// The line that tcpdump would print: nothing in it moves a terminal's cursor.
pub fn tcpdump_line(data: &[u8]) {
    thread_local! {
        static DISSECTION: RefCell<Dissection> = RefCell::new(Dissection::new(TimeOfDay::in_zone(TimeZone::UTC)));
    }
    let Some(record) = record(data) else { return };
    DISSECTION.with_borrow_mut(|dissection| {
        let line = dissection.line(&record).to_owned();
        assert!(!line.is_empty());
        assert_plain(&line.replace(['\n', '\t'], " "));
        assert_eq!(line, dissection.line(&record), "a line depends on the one before");
    });
}

fn assert_plain(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// A topology's TOML: what is accepted is the same once it is written and read again, and an error has its place.
pub fn topology(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match Topology::parse("hostile.toml", text) {
        Ok(topology) => {
            let written = topology.to_toml();
            let again = Topology::parse("written.toml", &written).expect("what was written can be read");
            assert_eq!(again, topology);
        }
        Err(error) => told(&error),
    }
}

/// An error as a person sees it.
fn told(error: &(impl miette::Diagnostic + Debug)) {
    let mut text = String::new();
    let handler = miette::NarratableReportHandler::new();
    handler.render_report(&mut text, error).expect("an error can be told");
    assert!(!text.is_empty());
}

/// What `ip`, `bridge`, `tc` and `nft` print as JSON, in any release.
pub fn ip_json(data: &[u8]) {
    for interface in serde_json::from_slice::<Vec<Interface>>(data).unwrap_or_default() {
        let _ = (interface.is_up(), interface.lacks_carrier(), interface.linkinfo.vlan());
    }
    if let Ok(state) = serde_json::from_slice::<MachineState>(data) {
        asked(&state);
    }
    if let Ok(states) = serde_json::from_slice::<States>(data) {
        states.before.values().chain(states.after.values()).for_each(asked);
    }
}

fn asked(state: &MachineState) {
    let addresses = ["192.168.245.181", "fe80::1"].map(|text| text.parse().expect("an address"));
    for address in addresses {
        let _ = (state.holder_of(address), state.has_route_to(address), state.needs_router_to(address));
    }
    for interface in ["ens33", "macvlan1", "bridge102"] {
        let _ = (state.interface(interface), state.port(interface), state.queue_drops(interface));
        let _ = (state.filter_drop(interface, "ingress"), state.ingress_drop(interface));
    }
}

/// What tcpdump prints at its end: a capture is good only where it says that nothing was dropped.
pub fn tcpdump_counts(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut evidence = Evidence::default();
    (evidence.point, evidence.frames) = ("node-2/ens33".to_owned(), 8);
    evidence.read_counts(&text);
    if evidence.weakness().is_none() {
        assert_eq!((evidence.captured, evidence.dropped_by_kernel), (Some(8), Some(0)), "{text:?}");
    }
}

/// What machines say that exist already, reached by an `ssh_config`: that of two nodes and the host, one behind the other.
pub fn fitness(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(connection) = text.parse::<SshConnection>() {
        let filter = connection.filter();
        assert!(filter.chars().all(|c| c.is_ascii_alphanumeric() || " .:".contains(c)), "{filter}");
    }
    let answers: Vec<&str> = text.split("===").collect();
    let (nodes, host) = match answers.as_slice() {
        [one, other, host, ..] => ([*one, *other], Some(*host)),
        [one, other] => ([*one, *other], None),
        rest => ([rest.first().copied().unwrap_or_default(); 2], None),
    };
    let fitness = provider::fitness(&tutorial(), &nodes, host);
    let says_nothing = answers.iter().all(|answer| answer.trim().is_empty());
    assert!(!says_nothing || !fitness.problems.is_empty(), "machines that say nothing are fit for a lab");
}

/// A run's folder that anybody may have sent: read, judged and drawn; as a page, and as a gate's table.
pub fn run_folder(data: &[u8]) {
    thread_local! {
        static RUN: Utf8TempDir = camino_tempfile::tempdir().expect("there is room for a folder");
    }
    RUN.with(|run| {
        let scenario = run.path().join("scenario");
        fs::create_dir(&scenario).expect("the folder can be made");
        let written = unpack(data, &scenario);
        judge(&scenario);
        if !written.contains(&RESULT) {
            let result = ScenarioResult::begun("somebody's machines");
            result.write(&scenario).expect("the result can be written");
        }
        report(run.path());
        gate(run.path(), &scenario);
        fs::remove_dir_all(&scenario).expect("the folder was there");
    });
}

/// How a scenario ended, and what a gate was before.
const RESULT: &str = "result.json";
const GATE: &str = "gate.json";

fn judge(folder: &Utf8Path) {
    let run = match RunFolder::open(folder, None) {
        Ok(run) => run,
        Err(error) => return told(&error),
    };
    match run.case(None) {
        Ok(case) => {
            let judgement = case.judge();
            let _ = Ladder::draw(&judgement.journeys, run.topology()).to_string();
            let _ = judgement.explain(&case).to_string();
        }
        Err(error) => told(&error),
    }
}

/// What `lab report` makes of it: a page that has no tag of the recording's, and nothing that moves a terminal's cursor.
fn report(run: &Utf8Path) {
    match RunReport::write_anew(run) {
        Ok(page) => {
            let html = fs::read_to_string(page).expect("the page is there");
            assert!(!html.contains("<script") && !html.contains("<img"), "a tag got into the page");
            assert_lines_plain(&html);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// What `lab gate` makes of it, and of what it is told a gate was before.
fn gate(run: &Utf8Path, scenario: &Utf8Path) {
    let before = fs::read(scenario.join(GATE)).ok();
    let before: Option<Gate> = before.and_then(|text| serde_json::from_slice(&text).ok());
    let gate = match Gate::of(run) {
        Ok(gate) => gate,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let changes = before.map(|before| gate.changes_since(&before));
    assert_lines_plain(&gate.to_markdown(changes.as_deref()));
    for annotation in annotations(&gate) {
        assert!(annotation.starts_with("::error "), "{annotation:?}");
        assert_plain(&annotation.replace('\t', " "));
    }
}

fn assert_lines_plain(text: &str) {
    assert_plain(&text.replace(['\n', '\t'], " "));
}

/// Writes the files of a bundle: each behind a line that names it. Their names.
fn unpack<'a>(data: &'a [u8], folder: &Utf8Path) -> Vec<&'a str> {
    let mut names = Vec::new();
    let marks: Vec<usize> = data
        .windows(FILE_MARK.len())
        .enumerate()
        .filter(|(_, at)| *at == FILE_MARK)
        .map(|(at, _)| at)
        .collect();
    for (number, mark) in marks.iter().enumerate() {
        let end = marks.get(number + 1).copied().unwrap_or(data.len());
        let section = &data[mark + FILE_MARK.len()..end];
        let Some(line) = section.iter().position(|byte| *byte == b'\n') else { continue };
        let Ok(name) = str::from_utf8(&section[..line]) else { continue };
        if !is_file_name(name) || names.contains(&name) {
            continue;
        }
        fs::write(folder.join(name), &section[line + 1..]).expect("the file can be written");
        names.push(name);
    }
    names
}

/// Whether a name stays in its folder.
fn is_file_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.len() < 100 && !name.starts_with('.') && name.chars().all(is_plain) && !name.is_empty()
}

fn tutorial() -> Topology {
    thread_local! {
        static TOPOLOGY: Topology = Topology::parse("tutorial.toml", TUTORIAL).expect("the tutorial's topology");
    }
    TOPOLOGY.with(Clone::clone)
}
