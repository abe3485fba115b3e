//! Capture data of every form, whole and damaged.

use harness::frame::{Content, Frame, Kind, LinkType, PcapError, PcapReader, Record};
use proptest::prelude::*;

const WHOLE: &[u8] = include_bytes!("../../fixtures/captures/docker1-pings-docker2/node-2.ens33.pcap");

fn read(data: &[u8]) -> Vec<Record<'static>> {
    let (records, damage) = PcapReader::read_all(data);
    assert_eq!(damage, None);
    records
}

/// The same capture with its headers' fields in the other byte order.
fn swapped(data: &[u8]) -> Vec<u8> {
    let mut swapped = data.to_vec();
    let mut swap = |range: std::ops::Range<usize>| swapped[range].reverse();
    [0..4, 4..6, 6..8, 8..12, 12..16, 16..20, 20..24].into_iter().for_each(&mut swap);
    let mut at = 24;
    while at < data.len() {
        let length = u32::from_le_bytes(data[at + 8..at + 12].try_into().unwrap()) as usize;
        (0..4).for_each(|field| swap(at + 4 * field..at + 4 * field + 4));
        at += 16 + length;
    }
    swapped
}

#[test]
fn both_byte_orders_are_read() {
    assert_eq!(read(WHOLE).len(), 6);
    assert_eq!(read(&swapped(WHOLE)), read(WHOLE));
}

#[test]
fn nanoseconds_are_told_from_microseconds() {
    let mut nanoseconds = WHOLE.to_vec();
    nanoseconds[..4].copy_from_slice(&0xa1b2_3c4d_u32.to_le_bytes());
    let (micro, nano) = (read(WHOLE)[0].at, read(&nanoseconds)[0].at);
    assert_eq!(micro.as_secs(), nano.as_secs());
    assert_eq!(micro.subsec_nanos(), nano.subsec_nanos() * 1000);
}

#[test]
fn a_capture_cut_anywhere_keeps_the_records_before_the_cut() {
    let whole = read(WHOLE);
    for length in 0..WHOLE.len() {
        let (records, damage) = PcapReader::read_all(&WHOLE[..length]);
        assert_eq!(records, whole[..records.len()], "cut at {length}");
        let end = 24 + records.iter().map(|record| 16 + record.bytes.len()).sum::<usize>();
        match damage {
            None => assert_eq!(end, length),
            Some(PcapError::Empty) => assert_eq!(length, 0),
            Some(PcapError::Truncated { offset, missing }) => {
                // The file's header; a record's, as long as that says nothing; or the whole record.
                let (begin, expected) = match length {
                    ..24 => (0, 24),
                    _ if length - end < 16 => (end, 16),
                    _ => (end, 16 + whole[records.len()].bytes.len()),
                };
                assert_eq!((offset, missing), (begin as u64, begin + expected - length), "cut at {length}");
            }
            Some(other) => panic!("cut at {length}: {other}"),
        }
    }
}

#[test]
fn other_files_are_refused_with_what_they_are() {
    let (_, damage) = PcapReader::read_all(b"#!/bin/sh\necho this is no capture at all\n");
    assert_eq!(damage, Some(PcapError::NotPcap(b"#!/b".to_vec())));
    // Alexey Kuznetsov's format, whose records have longer headers.
    let mut modified = WHOLE.to_vec();
    modified[..4].copy_from_slice(&0xa1b2_cd34_u32.to_le_bytes());
    assert_eq!(PcapReader::read_all(&modified).1, Some(PcapError::NotPcap(vec![0x34, 0xcd, 0xb2, 0xa1])));
    let mut cooked = WHOLE.to_vec();
    cooked[20] = 113;
    assert_eq!(PcapReader::read_all(&cooked).1, Some(PcapError::NotEthernet(LinkType::LinuxSll)));
}

#[test]
fn a_record_that_claims_too_much_is_refused_with_its_place() {
    let mut greedy = WHOLE.to_vec();
    let second = 24 + 16 + read(WHOLE)[0].bytes.len();
    greedy[second + 8..second + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let (records, damage) = PcapReader::read_all(&greedy);
    assert_eq!(records.len(), 1);
    assert_eq!(damage, Some(PcapError::RecordLength { offset: second as u64, length: u32::MAX }));
    // As long as libpcap lets one be.
    greedy[second + 8..second + 12].copy_from_slice(&262_144_u32.to_le_bytes());
    assert!(matches!(PcapReader::read_all(&greedy).1, Some(PcapError::Truncated { .. })));
}

#[test]
fn a_padded_arp_request_is_the_same_frame() {
    let plain = read(WHOLE)[0].clone();
    assert_eq!(plain.bytes.len(), 42);
    let mut padded = plain.clone();
    padded.bytes.to_mut().resize(60, 0xaa);
    padded.original_length = 60;
    assert_eq!(Frame::decode(&plain), Frame::decode(&padded));
}

#[test]
fn a_frame_cut_short_is_told_as_such() {
    let mut record = read(WHOLE)[0].clone();
    record.bytes.to_mut().truncate(30);
    assert_eq!(Frame::decode(&record).content, Content::Other(Kind::CutOff));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(data in proptest::collection::vec(any::<u8>(), 0..600)) {
        let (records, _) = PcapReader::read_all(&data);
        records.iter().map(Frame::decode).for_each(drop);
    }

    #[test]
    fn a_damaged_capture_is_read_without_panic(place in 0..WHOLE.len(), value: u8) {
        let mut damaged = WHOLE.to_vec();
        damaged[place] = value;
        let (records, _) = PcapReader::read_all(&damaged);
        records.iter().map(Frame::decode).for_each(drop);
    }

    #[test]
    fn any_frame_is_decoded_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let original_length = bytes.len() as u32;
        let link_type = LinkType::Ethernet;
        Frame::decode(&Record { at: std::time::Duration::ZERO, original_length, bytes: bytes.into(), link_type, interface: None });
    }

    #[test]
    fn pieces_of_any_size_give_the_same_records(size in 1..WHOLE.len()) {
        let mut reader = PcapReader::new();
        let pieces: Result<Vec<_>, _> = WHOLE.chunks(size).map(|piece| reader.push(piece)).collect();
        prop_assert_eq!(pieces.unwrap().concat(), read(WHOLE));
        prop_assert_eq!(reader.finish(), Ok(()));
    }
}
