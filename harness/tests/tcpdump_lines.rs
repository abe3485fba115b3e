//! The lines that tcpdump prints, printed by this library, compared with tcpdump's own.

mod build;

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
    thread,
};

use build::{Built, pcap, pcapng};
use camino::Utf8Path;
use harness::{
    dissection::{Dissection, TimeOfDay},
    frame::CaptureReader,
};
use proptest::prelude::*;
use rstest::rstest;

/// What `tcpdump -n -r -` prints of a capture.
fn tcpdump(data: &[u8]) -> String {
    tcpdump_in(None, data)
}

/// The same, in another time zone than this machine's.
fn tcpdump_in(zone: Option<&str>, data: &[u8]) -> String {
    let mut command = Command::new("tcpdump");
    command.envs(zone.map(|zone| ("TZ", zone)));
    command.args(["-n", "-r", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("tcpdump is installed: the harness needs it anyway");
    let mut stdin = child.stdin.take().expect("its standard input is a pipe");
    let data = data.to_owned();
    // A damaged capture makes it stop reading: that is no failure of the test.
    let writing = thread::spawn(move || stdin.write_all(&data).ok());
    let output = child.wait_with_output().expect("tcpdump ends");
    writing.join().expect("the writer ends");
    String::from_utf8(output.stdout).expect("tcpdump prints text")
}

/// What this library prints of it, a record each.
fn ours(data: &[u8]) -> Vec<String> {
    ours_at(TimeOfDay::local(), data)
}

fn ours_at(time: TimeOfDay, data: &[u8]) -> Vec<String> {
    let mut dissection = Dissection::new(time);
    let mut reader = CaptureReader::new();
    reader.push(data);
    let mut lines = Vec::new();
    while let Some(record) = reader.next_record().expect("the capture is whole") {
        lines.push(dissection.line(&record).to_owned());
    }
    lines
}

/// tcpdump's output, a record each: what is shown in hexadecimal takes further lines.
fn theirs(data: &[u8]) -> Vec<String> {
    let mut records: Vec<String> = Vec::new();
    for line in tcpdump(data).lines() {
        match records.last_mut() {
            Some(record) if line.starts_with('\t') => *record += &format!("\n{line}"),
            _ => records.push(line.to_owned()),
        }
    }
    records
}

/// Whether only the kind of a frame is told: a random byte now and then makes a protocol of it
/// that is not covered.
fn is_told_by_kind(line: &str) -> bool {
    let kinds = ["ARP, not IPv4", "IPv4, protocol", "IPv6, next header", "ICMP type", "cut off"];
    let text = line.split_once(' ').map_or("", |(_, text)| text);
    let icmp6 = text.strip_prefix("ICMP6, ").unwrap_or_default();
    matches!(
        text,
        "ARP" | "RARP" | "ICMP" | "ICMP6" | "IGMP" | "UDP" | "MLD" | "LLDP" | "mDNS" | "STP 802.1d"
    ) || icmp6.ends_with("solicitation")
        || icmp6.ends_with("advertisement")
        || kinds.iter().any(|kind| text.starts_with(kind))
}

/// Records that are printed differently, each with its number.
fn differences(data: &[u8]) -> Vec<String> {
    let (theirs, ours) = (theirs(data), ours(data));
    assert_eq!(theirs.len(), ours.len());
    let pairs = theirs.iter().zip(&ours).enumerate();
    let differing =
        pairs.filter(|(_, (theirs, ours))| theirs != ours && (!is_told_by_kind(ours) || is_covered(theirs)));
    let shown = |(number, (theirs, ours))| format!("record {number}\n  tcpdump {theirs}\n  ours    {ours}");
    differing.map(shown).collect()
}

/// Whether tcpdump says of a record what is covered, and in nothing that is not.
fn is_covered(line: &str) -> bool {
    let covered = [
        "ARP, Request",
        "ARP, Reply",
        "ICMP echo re",
        " unreachable",
        "neighbor ",
        "ICMP6, echo re",
        "time exceeded",
        "redirect",
        "parameter problem",
        "source quench",
        "packet too big",
    ];
    let not_covered = ["AH(", "ESP(", "IPComp(", "GREv", "srcrt (", "RT6 (", "mobility", "DLCI"];
    let is_inside_another = line.matches(" > ").count() > 1 || not_covered.iter().any(|it| line.contains(it));
    covered.iter().any(|words| line.contains(words)) && !is_inside_another
}

/// A packet of IPv6, whose header is followed by others.
fn packet6(next: u8, headers: &[&[u8]]) -> Vec<u8> {
    let payload = headers.concat();
    [&[0x60, 0, 0, 0, 0, payload.len() as u8, next, 64], &[0xfe; 32][..], &payload].concat()
}

fn frame6(payload: Vec<u8>) -> Built {
    Built { at: (0, 0), vlans: vec![], ether_type: 0x86dd, payload, cut: 0, direction: 0 }
}

fn captures(folder: &Utf8Path) -> Vec<camino::Utf8PathBuf> {
    let entries = folder.read_dir_utf8().expect("the folder of captures is there");
    let paths = entries.map(|entry| entry.expect("it can be listed").into_path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| matches!(path.extension(), Some("pcap" | "pcapng")));
    files.chain(folders.iter().flat_map(|folder| captures(folder))).collect()
}

#[test]
fn recorded_captures_are_printed_as_tcpdump_prints_them() {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness is in the project");
    let captures = captures(&root.join("fixtures/captures"));
    assert!(captures.len() > 10, "{captures:?}");
    for capture in captures {
        let data = fs::read(&capture).expect("the capture can be read");
        assert_eq!(differences(&data), Vec::<String>::new(), "{capture}");
        assert!(!tcpdump(&data).is_empty(), "tcpdump prints nothing of {capture}");
    }
}

#[test]
fn times_are_those_of_the_time_zone_with_its_daylight_saving() {
    let frame = |seconds| {
        let payload =
            vec![0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2];
        let at = (seconds, 987_654);
        Built { at, vlans: vec![], ether_type: 0x0806, payload, cut: 0, direction: 0 }
    };
    // Winter, summer, and a time that tcpdump can't convert.
    let data = pcap(1, &[frame(1_767_225_600), frame(1_782_864_000), frame(u32::MAX)]);
    for zone in ["America/St_Johns", "Asia/Kathmandu", "UTC"] {
        let time = TimeOfDay::in_zone(jiff::tz::TimeZone::get(zone).expect("a time zone"));
        assert_eq!(ours_at(time, &data).join("\n") + "\n", tcpdump_in(Some(zone), &data), "{zone}");
    }
}

#[test]
fn every_protocol_that_arp_may_ask_for_has_tcpdumps_name() {
    let frame = |protocol: u16| {
        let [high, low] = protocol.to_be_bytes();
        let payload = [&[0, 1, high, low, 6, 6, 0, 1], &[2; 24][..]].concat();
        Built { at: (0, 0), vlans: vec![], ether_type: 0x0806, payload, cut: 0, direction: 0 }
    };
    let frames: Vec<Built> = (0..=u16::MAX).map(frame).collect();
    assert_eq!(differences(&pcap(1, &frames)), Vec::<String>::new());
}

/// Of the packet that found no port only the ports are told, wherever they are.
#[test]
fn unreachable_ports_are_found_behind_extension_headers() {
    let authentication: &[u8] = &[17, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let udp: &[u8] = &[0x9c, 0x40, 0, 53, 0, 8, 0, 0];
    let packets = [
        packet6(17, &[udp]),
        packet6(0, &[&[17, 0, 0, 0, 0, 0, 0, 0], udp]),
        packet6(43, &[&[17, 2, 0, 0, 0, 0, 0, 0], &[0; 16], udp]),
        packet6(60, &[&[0, 1, 0, 0, 0, 0, 0, 0], &[0; 8], &[6, 0, 0, 0, 0, 0, 0, 0], udp]),
        packet6(51, &[authentication, udp]),
        packet6(44, &[&[17, 0, 0, 1, 0, 0, 0, 7], udp]),
        packet6(44, &[&[17, 0, 0, 8, 0, 0, 0, 7], udp]),
        packet6(58, &[udp]),
    ];
    let frames = packets.map(|packet| frame6(packet6(58, &[&[1, 4, 0, 0, 0, 0, 0, 0], &packet])));
    let data = pcap(1, &frames);
    assert_eq!(differences(&data), Vec::<String>::new());
    assert_eq!(tcpdump(&data).matches(" port 53, ").count(), 6);
}

#[test]
fn a_hop_by_hop_header_is_refused_behind_others() {
    let then_hop_by_hop: &[u8] = &[0, 0, 1, 4, 0, 0, 0, 0];
    let echo: &[u8] = &[58, 0, 1, 4, 0, 0, 0, 0, 128, 0, 0, 0, 0, 1, 0, 1];
    let data = pcap(1, &[0, 60].map(|first| frame6(packet6(first, &[then_hop_by_hop, echo]))));
    assert_eq!(ours(&data), theirs(&data));
    assert!(ours(&data)[0].ends_with("header was already found] (invalid)"), "{:?}", ours(&data));
}

#[test]
fn hop_by_hop_options_of_a_wrong_length_are_told() {
    let (router_alert, jumbo, home_address) = (5, 0xc2, 0xc9);
    // Each stands at the end of its header, behind padding.
    let options: [(&[u8], &str); 7] = [
        (&[router_alert, 2, 0, 0], "HBH ICMP6, echo request"),
        (&[router_alert, 3, 0, 0, 0], "(rtalert: invalid len 3)"),
        (&[router_alert, 1, 0], "(rtalert: trunc)"),
        (&[jumbo, 3, 0, 0, 0, 0, 0], "(jumbo: invalid len 3)"),
        (&[home_address, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "(homeaddr: invalid len 2)"),
        (&[home_address, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "HBH ICMP6, echo request"),
        (&[home_address, 2, 0, 0], "(homeaddr: trunc)"),
    ];
    let frame = |option: &[u8]| {
        let padding = vec![0; 22 - option.len()];
        frame6(packet6(0, &[&[58, 2], &padding, option, &[128, 0, 0, 0, 0, 1, 0, 1]]))
    };
    let data = pcap(1, &options.map(|(option, _)| frame(option)));
    assert_eq!(ours(&data), theirs(&data));
    for (line, (_, told)) in ours(&data).iter().zip(options) {
        assert!(line.contains(told), "{line}");
    }
}

#[test]
fn lengths_that_make_no_sense_are_told_as_tcpdump_tells_them() {
    let mut data = pcap(1, &[]);
    for (captured, length) in [(0, 0), (0, 60), (60, 0), (60, 42), (60, 262_145), (60, 262_144), (20, 300)] {
        let fields: [u32; 4] = [1, 2, captured, length];
        data.extend(fields.map(u32::to_le_bytes).concat());
        data.extend(vec![0xff; captured as usize]);
    }
    let told = differences(&data);
    // The last two are whole, and of no protocol that is covered.
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|told| told.contains("ours    00:00:01.000002 ethertype 0xffff")), "{told:?}");
}

#[test]
fn frame_relays_requests_are_told_where_they_name_no_address() {
    let request = |target_hardware: [u8; 6]| {
        let head = [0, 15, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1];
        let payload = [&head[..], &target_hardware, &[10, 0, 0, 2]].concat();
        Built { at: (0, 0), vlans: vec![], ether_type: 0x0806, payload, cut: 0, direction: 0 }
    };
    let data = pcap(1, &[request([0; 6])]);
    assert_eq!(ours(&data), theirs(&data));
    let data = pcap(1, &[request([2, 0, 0, 0, 0, 2])]);
    assert!(ours(&data)[0].ends_with("ARP, not IPv4 over Ethernet"), "{:?}", ours(&data));
    assert!(theirs(&data)[0].contains("(<Invalid DLCI>)"), "{:?}", theirs(&data));
}

/// Whoever prints ports prints the addresses with them, and has not come to that where options are cut.
#[rstest]
#[case::icmp(1)]
#[case::tcp(6)]
#[case::udp(17)]
#[case::dccp(33)]
#[case::sctp(132)]
fn a_header_that_ends_in_its_options_is_printed_alike(#[case] protocol: u8) {
    let header = [0x48, 0, 0, 90, 1, 2, 0, 0, 64, protocol, 0, 0, 192, 168, 245, 1, 192, 168, 245, 180];
    let payload = [&header[..], &[1; 11]].concat();
    let data =
        pcap(1, &[Built { at: (0, 0), vlans: vec![], ether_type: 0x800, payload, cut: 0, direction: 0 }]);
    assert_eq!(ours(&data), theirs(&data));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What of them is not covered is told by its kind, and nothing else differs.
    #[test]
    fn mutated_frames_are_printed_as_tcpdump_prints_them(
        frames in proptest::collection::vec(build::mutated_frame(), 1..100),
        link_type in prop_oneof![Just(1), Just(113), Just(276)],
    ) {
        for data in [pcap(link_type, &frames), pcapng(link_type, &frames)] {
            let differences = differences(&data);
            prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
        }
    }

    #[test]
    fn generated_frames_are_printed_as_tcpdump_prints_them(
        frames in proptest::collection::vec(build::frame(), 1..100),
        link_type in prop_oneof![Just(1), Just(113), Just(276)],
    ) {
        for data in [pcap(link_type, &frames), pcapng(link_type, &frames)] {
            let differences = differences(&data);
            prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
        }
    }
}

#[test]
fn the_generated_frames_are_of_all_covered_kinds() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut frame = || build::frame().new_tree(&mut runner).expect("a frame").current();
    let frames: Vec<Built> = (0..3000).map(|_| frame()).collect();
    let data = pcap(1, &frames);
    let told_by_kind = ours(&data).iter().filter(|line| is_told_by_kind(line)).count();
    assert!(told_by_kind < 30, "of {told_by_kind} frames only the kind is told");
    let lines = tcpdump(&data);
    for words in [
        "ARP, Request who-has",
        "is-at",
        "ICMP echo request",
        "ICMP echo reply",
        "udp port",
        "time exceeded in-transit",
        "redirect",
        "host",
        "ICMP6, neighbor solicitation, who has",
        "ICMP6, neighbor advertisement, tgt is",
        "router solicitation",
        "router advertisement",
        "multicast listener report v2",
        "ICMP6, echo reply",
        "[|arp]",
        "[|icmp6]",
        "HBH",
    ] {
        assert!(lines.contains(words), "no frame says {words:?}");
    }
}
