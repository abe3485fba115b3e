//! The classic capture file format (pcap-savefile(5)).

use std::{borrow::Cow, time::Duration};

use pcap_parser::{nom, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_header};

use super::{LinkType, PcapError, Record, error::RECORD_MAX, pending::Pending};

const HEADER_LENGTH: usize = 24;
const RECORD_HEADER_LENGTH: usize = 16;
const LINK_TYPE_OFFSET: u64 = 20;
/// The rest of the link type's field tells of a frame check sequence at the frames' ends.
const LINK_TYPE_MASK: i32 = 0x03ff_ffff;

/// What a file's header says about its records.
#[derive(Debug)]
pub(super) struct Pcap {
    big_endian: bool,
    nanoseconds: bool,
    link_type: LinkType,
}

impl Pcap {
    /// Reads the header, once it has arrived.
    pub(super) fn begin(pending: &mut Pending) -> Result<Option<Self>, PcapError> {
        let header = match parse_pcap_header(pending.bytes()) {
            Ok((_, header)) if !header.is_modified_format() => header,
            Err(nom::Err::Incomplete(_)) => return Ok(None),
            _ => return Err(PcapError::NotPcap(pending.bytes().iter().copied().take(4).collect())),
        };
        let number = header.network.0 & LINK_TYPE_MASK;
        let link_type =
            LinkType::new(number).ok_or(PcapError::LinkType { number, offset: LINK_TYPE_OFFSET })?;
        pending.take(HEADER_LENGTH);
        Ok(Some(Self {
            big_endian: header.is_bigendian(),
            nanoseconds: header.is_nanosecond_precision(),
            link_type,
        }))
    }

    /// Reads the next record, once it has arrived.
    pub(super) fn next<'a>(&self, pending: &'a mut Pending) -> Result<Option<Record<'a>>, PcapError> {
        let Some(captured) = self.captured_length(pending) else { return Ok(None) };
        if captured as usize > RECORD_MAX {
            return Err(PcapError::RecordLength { offset: pending.offset(), length: captured });
        }
        let length = RECORD_HEADER_LENGTH + captured as usize;
        if pending.bytes().len() < length {
            return Ok(None);
        }
        let parse = if self.big_endian { parse_pcap_frame_be } else { parse_pcap_frame };
        let Ok((_, block)) = parse(pending.take(length)) else { return Ok(None) };
        // The nanosecond format keeps its nanoseconds in the field of the microseconds.
        let scale = if self.nanoseconds { 1 } else { 1_000 };
        let fraction = Duration::from_nanos(u64::from(block.ts_usec) * scale);
        Ok(Some(Record {
            at: Duration::from_secs(u64::from(block.ts_sec)) + fraction,
            original_length: block.origlen,
            bytes: Cow::Borrowed(block.data),
            link_type: self.link_type,
            interface: None,
        }))
    }

    /// How many bytes the header has.
    pub(super) fn header_length() -> usize {
        HEADER_LENGTH
    }

    /// How many bytes the record has that has begun to arrive, at least.
    pub(super) fn record_length(&self, pending: &Pending) -> usize {
        RECORD_HEADER_LENGTH + self.captured_length(pending).unwrap_or(0) as usize
    }

    /// The captured length that the record's header claims, once that is there.
    fn captured_length(&self, pending: &Pending) -> Option<u32> {
        let field = pending.four_at(8).filter(|_| pending.bytes().len() >= RECORD_HEADER_LENGTH)?;
        Some(if self.big_endian { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) })
    }
}
