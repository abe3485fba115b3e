//! What capture files of both formats say beyond their frames' bytes, and files that are damaged.

use std::{fs, time::Duration};

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    MacAddress,
    frame::{CaptureReader, Content, Direction, Link, LinkType, NeighbourMessage, Packet, PcapError, Record},
};
use proptest::prelude::*;
use rstest::rstest;

const MICROSECONDS: u64 = 1_700_000_000_123_456;

fn captures() -> Utf8PathBuf {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness is in the project");
    root.join("fixtures/captures")
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(captures().join(name)).expect("the capture is there")
}

/// The records before the first damage, and the damage.
fn read(data: &[u8]) -> (Vec<Record<'static>>, Option<PcapError>) {
    let mut reader = CaptureReader::new();
    reader.push(data);
    let mut records = Vec::new();
    loop {
        match reader.next_record() {
            Ok(Some(record)) => records.push(record.into_owned()),
            Ok(None) => return (records, reader.finish().err()),
            Err(error) => return (records, Some(error)),
        }
    }
}

fn read_whole(data: &[u8]) -> Vec<Record<'static>> {
    let (records, damage) = read(data);
    assert_eq!(damage, None);
    records
}

/// Writes pcapng in either byte order.
#[derive(Clone, Copy)]
struct Writer {
    big_endian: bool,
}

impl Writer {
    fn u16(self, number: u16) -> [u8; 2] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn u32(self, number: u32) -> [u8; 4] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
        let length = self.u32((12 + body.len() + padding.len()) as u32);
        [&self.u32(kind), &length, body, &padding, &length].concat()
    }

    fn section(self) -> Vec<u8> {
        let version = [self.u16(1), self.u16(0)].concat();
        self.block(0x0a0d_0d0a, &[&self.u32(0x1a2b_3c4d), &version[..], &[0xff; 8]].concat())
    }

    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
        [&self.u16(code), &self.u16(value.len() as u16), value, &padding].concat()
    }

    fn interface(self, link_type: u16, snaplen: u32, options: &[Vec<u8>]) -> Vec<u8> {
        let fixed = [&self.u16(link_type)[..], &[0, 0], &self.u32(snaplen)].concat();
        self.block(1, &[fixed, options.concat()].concat())
    }

    fn packet(self, interface: u32, units: u64, data: &[u8]) -> Vec<u8> {
        let length = data.len() as u32;
        let fields = [interface, (units >> 32) as u32, units as u32, length, length + 7];
        self.block(6, &[&fields.map(|field| self.u32(field)).concat(), data].concat())
    }

    fn simple_packet(self, length: u32, data: &[u8]) -> Vec<u8> {
        self.block(3, &[&self.u32(length), data].concat())
    }
}

#[rstest]
#[case::little_endian(false)]
#[case::big_endian(true)]
fn a_pcapng_interface_says_its_link_type_its_name_and_how_it_counts_time(#[case] big_endian: bool) {
    let write = Writer { big_endian };
    let offset = if big_endian { 3_600_i64.to_be_bytes() } else { 3_600_i64.to_le_bytes() };
    let data = [
        write.section(),
        write.block(0x0bad, b"what nobody knows is skipped"),
        write.interface(1, 0, &[write.option(2, b"ens33")]),
        write.interface(276, 0, &[write.option(9, &[0x80 | 20])]),
        write.interface(1, 0, &[write.option(9, &[9]), write.option(14, &offset)]),
        write.packet(0, MICROSECONDS, &[1; 15]),
        write.packet(1, 3 << 19, &[2; 16]),
        write.packet(2, 7_000_000_001, &[3; 17]),
    ];
    let records = read_whole(&data.concat());
    let times: Vec<Duration> = records.iter().map(|record| record.at).collect();
    let expected =
        [Duration::from_micros(MICROSECONDS), Duration::from_millis(1_500), Duration::new(3_607, 1)];
    assert_eq!(times, expected);
    let names: Vec<Option<&str>> = records.iter().map(|record| record.interface.as_deref()).collect();
    assert_eq!(names, [Some("ens33"), None, None]);
    let link_types: Vec<LinkType> = records.iter().map(|record| record.link_type).collect();
    assert_eq!(link_types, [LinkType::Ethernet, LinkType::LinuxSll2, LinkType::Ethernet]);
    assert_eq!(records[0].bytes[..], [1; 15]);
    assert_eq!(records[0].original_length, 22);
}

#[test]
fn each_section_has_its_own_byte_order_and_interfaces() {
    let section = |big_endian, name: &[u8]| {
        let write = Writer { big_endian };
        [
            write.section(),
            write.interface(1, 0, &[write.option(2, name)]),
            write.packet(0, MICROSECONDS, &[9; 60]),
        ]
        .concat()
    };
    let records = read_whole(&[section(false, b"one"), section(true, b"other")].concat());
    let names: Vec<Option<&str>> = records.iter().map(|record| record.interface.as_deref()).collect();
    assert_eq!(names, [Some("one"), Some("other")]);
    assert_eq!(records[0].at, records[1].at);
    let write = Writer { big_endian: false };
    let forgotten = [section(false, b"one"), write.section(), write.packet(0, 0, &[9; 60])].concat();
    let (records, damage) = read(&forgotten);
    assert_eq!(records.len(), 1);
    assert!(damage.is_some_and(|damage| damage.to_string().contains("was not described")));
}

#[test]
fn a_simple_packet_is_cut_to_the_snaplen_and_has_no_time() {
    let write = Writer { big_endian: false };
    let data = [
        write.section(),
        write.interface(1, 18, &[]),
        write.simple_packet(60, &[5; 18]),
        write.simple_packet(15, &[6; 15]),
    ];
    let records = read_whole(&data.concat());
    assert_eq!(records[0].bytes[..], [5; 18]);
    assert_eq!(records[0].original_length, 60);
    assert_eq!(records[1].bytes[..], [6; 15]);
    assert_eq!(records[1].at, Duration::ZERO);
}

#[test]
fn an_interface_of_an_unknown_link_type_matters_only_where_it_has_packets() {
    let write = Writer { big_endian: false };
    let start = [
        write.section(),
        write.interface(1, 0, &[]),
        write.interface(101, 0, &[]),
        write.packet(0, 0, &[1; 60]),
    ]
    .concat();
    assert_eq!(read_whole(&start).len(), 1);
    let (records, damage) = read(&[start.clone(), write.packet(1, 0, &[1; 60])].concat());
    assert_eq!(records.len(), 1);
    assert_eq!(damage, Some(PcapError::LinkType { number: 101, offset: start.len() as u64 }));
}

#[test]
fn a_link_type_that_is_not_read_is_named() {
    let mut raw = fixture("formats/nanoseconds.pcap");
    raw[20] = 101;
    let (_, damage) = read(&raw);
    let message = damage.map(|damage| damage.to_string()).unwrap_or_default();
    assert_eq!(
        message,
        "link type 101 (RAW) at offset 20 is not read here: 1 (ETHERNET), 113 (LINUX_SLL), 276 (LINUX_SLL2) are"
    );
}

#[test]
fn no_data_is_an_empty_capture() {
    assert_eq!(read(&[]).1, Some(PcapError::Empty));
}

#[test]
fn the_shortest_and_the_longest_block_are_read() {
    let write = Writer { big_endian: false };
    let start = [write.section(), write.block(0x0bad, &[])].concat();
    assert_eq!(read(&[&start[..], &write.block(0x0bad, &[])].concat()).1, None);
    let longest = |kind: u32, length: u32| [&kind.to_le_bytes()[..], &length.to_le_bytes(), &[0; 4]].concat();
    // What holds no packet is skipped, however long; a packet is held whole.
    for block in [longest(0x0bad, 16 * 1024 * 1024), longest(6, 1024 * 1024)] {
        let damage = read(&[&start[..], &block].concat()).1;
        assert!(matches!(damage, Some(PcapError::Truncated { .. })), "{damage:?}");
    }
    let damage = read(&[&start[..], &longest(6, 1024 * 1024 + 4)].concat()).1;
    assert!(matches!(damage, Some(PcapError::Block { .. })), "{damage:?}");
}

#[test]
fn a_long_block_that_is_skipped_is_followed_by_what_comes_behind_it() {
    let write = Writer { big_endian: true };
    let data = [
        write.section(),
        write.interface(1, 0, &[]),
        write.block(0x0bad, &vec![7; 4 * 1024 * 1024]),
        write.packet(0, 0, &[1; 60]),
    ]
    .concat();
    assert_eq!(read_whole(&data).len(), 1);
    // Cut off inside it, it is the skipped block that misses something.
    let offset = (write.section().len() + write.interface(1, 0, &[]).len()) as u64;
    let cut = &data[..offset as usize + 1024];
    let whole = 4 * 1024 * 1024 + 12;
    assert_eq!(read(cut).1, Some(PcapError::Truncated { offset, missing: whole - 1024 }));
}

#[rstest]
#[case::at_the_limit(262_144, None)]
#[case::beyond_it(262_145, Some(262_145))]
fn a_packet_is_as_long_as_libpcap_lets_one_be(#[case] length: u32, #[case] refused: Option<u32>) {
    let write = Writer { big_endian: false };
    let start = [write.section(), write.interface(1, 300_000, &[])].concat();
    let (offset, data) = (start.len() as u64, vec![1; length as usize]);
    let refused = refused.map(|length| PcapError::RecordLength { offset, length });
    for packet in [write.packet(0, 0, &data), write.simple_packet(length, &data)] {
        assert_eq!(read(&[&start[..], &packet].concat()).1, refused);
    }
}

#[test]
fn a_section_without_a_byte_order_is_refused() {
    let mut section = Writer { big_endian: false }.section();
    section[8] ^= 1;
    let reason = "begins a section and has no byte-order magic";
    assert_eq!(read(&section).1, Some(PcapError::Block { offset: 0, reason }));
}

#[rstest]
#[case::in_its_header(5, 7)]
#[case::behind_it(40, 52)]
fn a_block_that_is_cut_off_tells_what_is_missing(#[case] left: usize, #[case] missing: usize) {
    let write = Writer { big_endian: false };
    let start = [write.section(), write.interface(1, 0, &[])].concat();
    let packet = write.packet(0, 0, &[1; 60]);
    let offset = start.len() as u64;
    let (_, damage) = read(&[&start[..], &packet[..left]].concat());
    assert_eq!(damage, Some(PcapError::Truncated { offset, missing }));
}

#[test]
fn a_block_that_claims_what_can_not_be_is_refused_with_its_place() {
    let write = Writer { big_endian: false };
    let start = [write.section(), write.interface(1, 0, &[]), write.packet(0, 0, &[1; 60])].concat();
    let (no_block, too_long) =
        ("claims a length that no block has", "claims more than 16 MiB, and libpcap reads no more");
    for (claim, reason) in
        [(0, no_block), (8, no_block), (13, no_block), (u32::MAX, no_block), (17 * 1024 * 1024, too_long)]
    {
        let greedy = [&start[..], &6_u32.to_le_bytes(), &claim.to_le_bytes(), &[0; 100]].concat();
        let (records, damage) = read(&greedy);
        assert_eq!(records.len(), 1);
        assert_eq!(damage, Some(PcapError::Block { offset: start.len() as u64, reason }), "{claim}");
    }
    let mut inside = write.packet(0, 0, &[1; 60]);
    inside[20..24].copy_from_slice(&61_u32.to_le_bytes());
    let (records, damage) = read(&[start, inside].concat());
    assert_eq!(records.len(), 1);
    assert!(matches!(damage, Some(PcapError::Block { .. })), "{damage:?}");
}

#[test]
fn both_byte_orders_and_both_formats_tell_the_same_frames() {
    let records = |name| read_whole(&fixture(name));
    let plain = records("docker1-pings-docker2/node-2.ens33.pcap");
    assert_eq!(records("formats/big-endian.pcap"), plain);
    let mut both = records("formats/two-interfaces.pcapng");
    both.retain(|record| record.interface.as_deref() == Some("ens33"));
    both.iter_mut().for_each(|record| record.interface = None);
    assert_eq!(both, records("docker1-pings-docker2/node-1.ens33.pcap"));
}

#[test]
fn nanoseconds_are_kept() {
    let records = read_whole(&fixture("formats/nanoseconds.pcap"));
    assert!(records.iter().any(|record| record.at.subsec_nanos() % 1_000 != 0));
}

/// The direction, sender and interface of a capture's ARP question and its answer.
#[rstest]
#[case::first_version("any-interface/any.sll.pcap", None)]
#[case::second_version("any-interface/any.sll2.pcap", Some(2))]
fn a_cooked_capture_tells_which_way_frames_went(#[case] name: &str, #[case] index: Option<u32>) {
    let packets: Vec<Packet> = read_whole(&fixture(name)).iter().map(Packet::decode).collect();
    let arps: Vec<Link> = packets
        .iter()
        .filter(|packet| matches!(packet.content, Content::Arp(_)))
        .map(|packet| packet.link)
        .collect();
    let ways: Vec<_> = arps
        .iter()
        .take(2)
        .map(|link| match link {
            Link::Cooked(cooked) => (cooked.direction, cooked.source, cooked.interface_index),
            other => panic!("{other:?}"),
        })
        .collect();
    let mac = |text: &str| Some(text.parse::<MacAddress>().expect("a MAC address"));
    let expected =
        [(Direction::Out, mac("da:98:d6:83:01:35"), index), (Direction::In, mac("8e:15:fc:7e:58:a5"), index)];
    assert_eq!(ways, expected);
}

#[test]
fn neighbour_discovery_is_read_with_its_flags_and_its_option() {
    let packets: Vec<Packet> =
        read_whole(&fixture("formats/nanoseconds.pcap")).iter().map(Packet::decode).collect();
    let neighbours = packets.iter().filter_map(|packet| match &packet.content {
        Content::Neighbour(neighbour) => Some(neighbour),
        _ => None,
    });
    let neighbours: Vec<_> = neighbours.collect();
    assert_eq!(neighbours[0].message, NeighbourMessage::Solicitation);
    assert_eq!(neighbours[0].target.to_string(), "fd00:245::181");
    assert_eq!(neighbours[0].link_layer, packets[0].source());
    let answer = NeighbourMessage::Advertisement { router: false, solicited: true, overrides: true };
    assert_eq!(neighbours[1].message, answer);
    assert!(neighbours.iter().all(|neighbour| neighbour.checksum_holds && neighbour.hop_limit == 255));
    // Duplicate address detection asks from nowhere and names no link-layer address.
    assert!(neighbours.iter().any(|message| message.source.is_unspecified() && message.link_layer.is_none()));
}

/// All captures that are here.
fn all_captures() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "docker1-pings-docker2/node-2.ens33.pcap",
        "any-interface/any.sll.pcap",
        "any-interface/any.sll2.pcap",
        "formats/big-endian.pcap",
        "formats/nanoseconds.pcap",
        "formats/two-interfaces.pcapng",
    ];
    proptest::sample::select(names.map(fixture).to_vec())
}

/// Everything that is done with a record.
fn use_up(records: &[Record]) {
    let mut dissection = harness::dissection::Dissection::new(harness::dissection::TimeOfDay::local());
    let nobody = harness::transcript::Owners::new();
    for record in records {
        let packet = Packet::decode(record);
        dissection.line(record);
        harness::transcript::narrate(&packet, &nobody);
        serde_json::to_string(&harness::JsonLine::new("-", record, &packet)).expect("it is JSON");
    }
}

fn without_regressions() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(without_regressions())]

    #[test]
    fn a_capture_cut_anywhere_tells_the_frames_before_the_cut(data in all_captures(), cut: prop::sample::Index) {
        let whole = read_whole(&data);
        let length = cut.index(data.len());
        let (records, damage) = read(&data[..length]);
        prop_assert_eq!(&records[..], &whole[..records.len()]);
        if let Some(PcapError::Truncated { offset, missing }) = damage {
            prop_assert!(offset <= length as u64 && missing > 0);
        }
    }

    #[test]
    fn a_capture_with_a_wrong_byte_tells_the_frames_before_it(
        data in all_captures(),
        place: prop::sample::Index,
        value: u8,
    ) {
        let mut damaged = data.clone();
        let place = place.index(data.len());
        damaged[place] = value;
        let before = read(&data[..place]).0;
        let records = read(&damaged).0;
        use_up(&records);
        // A wrong byte in the file's or the interface's header may change all frames or forbid them.
        if place > 140 {
            prop_assert!(records.len() >= before.len());
            prop_assert_eq!(&records[..before.len()], &before[..]);
        }
    }

    #[test]
    fn pieces_of_any_size_tell_the_same(data in all_captures(), size in 1..300_usize) {
        let mut reader = CaptureReader::new();
        let mut records = Vec::new();
        for piece in data.chunks(size) {
            reader.push(piece);
            while let Some(record) = reader.next_record().expect("the capture is whole") {
                records.push(record.into_owned());
            }
        }
        prop_assert_eq!(reader.finish(), Ok(()));
        prop_assert_eq!(records, read_whole(&data));
    }

    #[test]
    fn any_bytes_behind_a_true_beginning_are_read_without_panic(
        beginning in prop::sample::select(vec![24_usize, 28, 60, 100]),
        data in all_captures(),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        use_up(&read(&[&data[..beginning], &rest].concat()).0);
        use_up(&read(&rest).0);
    }

    #[test]
    fn any_frame_of_any_link_type_is_told_without_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        head in prop::sample::select(vec![vec![], vec![0x08, 0x06], vec![0x08, 0x00, 0x45], vec![0x86, 0xdd, 0x60]]),
        extra in 0..300_u32,
        link_type in prop::sample::select(vec![LinkType::Ethernet, LinkType::LinuxSll, LinkType::LinuxSll2]),
    ) {
        let mut bytes = bytes;
        let place = match link_type { LinkType::Ethernet => 12, LinkType::LinuxSll => 14, LinkType::LinuxSll2 => 0 };
        if bytes.len() > place + head.len() {
            bytes[place..place + head.len()].copy_from_slice(&head);
        }
        let original_length = bytes.len() as u32 + extra;
        use_up(&[Record { at: Duration::from_secs(u64::from(extra) << 40), original_length, bytes: bytes.into(), link_type, interface: None }]);
    }
}
