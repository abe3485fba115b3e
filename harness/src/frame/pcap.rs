//! The classic capture file format (pcap-savefile(5)), read as it arrives.

use std::time::Duration;

use pcap_parser::{Linktype, PcapHeader, nom, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_header};

/// libpcap's own limit of a record's captured bytes (MAXIMUM_SNAPLEN, pcap-int.h).
const RECORD_MAX: usize = 262_144;
const HEADER_LENGTH: usize = 24;
const RECORD_HEADER_LENGTH: usize = 16;

/// One captured frame's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When the kernel saw it, since the Unix epoch, by the capturing machine's clock.
    pub at: Duration,
    /// The frame's length on the wire, in bytes.
    pub original_length: u32,
    /// The captured bytes, from the Ethernet header on; fewer than on the wire where a snaplen cut them.
    pub bytes: Vec<u8>,
}

/// Capture data that can't be read, with its place.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PcapError {
    /// The data does not begin with a pcap header.
    #[error("no pcap header at offset 0: it begins with {0:02x?}")]
    NotPcap(Vec<u8>),
    /// Frames of a link layer that is not Ethernet.
    #[error("link type {0} at offset 20 is not Ethernet (1)")]
    LinkType(i32),
    /// A record whose header can't be true.
    #[error(
        "the record at offset {offset} claims {length} captured bytes, and libpcap writes at most {RECORD_MAX}"
    )]
    RecordLength {
        /// Where the record begins.
        offset: u64,
        /// Its claim.
        length: u32,
    },
    /// The data ends inside a record.
    #[error("the data ends inside the record at offset {offset}, {missing} bytes short")]
    Truncated {
        /// Where the record begins.
        offset: u64,
        /// What is missing of it at least, in bytes.
        missing: usize,
    },
}

/// Reads pcap data piece by piece; holds no more than one incomplete record.
#[derive(Debug, Default)]
pub struct PcapReader {
    header: Option<PcapHeader>,
    pending: Vec<u8>,
    offset: u64,
}

impl PcapReader {
    /// A reader at the beginning of the data.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of data and returns the records that it completes.
    ///
    /// # Errors
    /// Data that is not pcap, with the offset. The records before it were returned or are lost
    /// only where one piece holds both.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Record>, PcapError> {
        self.pending.extend_from_slice(piece);
        let mut records = Vec::new();
        if self.header.is_none() && !self.read_header()? {
            return Ok(records);
        }
        while let Some(record) = self.read_record()? {
            records.push(record);
        }
        Ok(records)
    }

    /// Says that no more data comes.
    ///
    /// # Errors
    /// [`PcapError::Truncated`] where the data ended inside the header or a record.
    pub fn finish(self) -> Result<(), PcapError> {
        let whole = if self.header.is_some() { RECORD_HEADER_LENGTH } else { HEADER_LENGTH };
        if self.pending.is_empty() && self.header.is_some() {
            return Ok(());
        }
        let expected = match (&self.header, self.captured_length()) {
            (Some(_), Some(captured)) => whole + captured as usize,
            _ => whole,
        };
        let missing = expected.saturating_sub(self.pending.len()).max(1);
        Err(PcapError::Truncated { offset: self.offset, missing })
    }

    /// Reads all records of a complete capture, keeping those before a damage.
    pub fn read_all(data: &[u8]) -> (Vec<Record>, Option<PcapError>) {
        let mut reader = Self::new();
        let mut records = Vec::new();
        // Small pieces, so that only the damaged record is lost and not its whole neighbourhood.
        for piece in data.chunks(RECORD_HEADER_LENGTH) {
            match reader.push(piece) {
                Ok(more) => records.extend(more),
                Err(error) => return (records, Some(error)),
            }
        }
        (records, reader.finish().err())
    }

    fn read_header(&mut self) -> Result<bool, PcapError> {
        let header = match parse_pcap_header(&self.pending) {
            Ok((_, header)) => header,
            Err(nom::Err::Incomplete(_)) => return Ok(false),
            Err(_) => return Err(PcapError::NotPcap(self.pending.iter().copied().take(4).collect())),
        };
        if header.network != Linktype::ETHERNET {
            return Err(PcapError::LinkType(header.network.0));
        }
        self.consume(HEADER_LENGTH);
        self.header = Some(header);
        Ok(true)
    }

    fn read_record(&mut self) -> Result<Option<Record>, PcapError> {
        let (Some(header), Some(captured)) = (&self.header, self.captured_length()) else {
            return Ok(None);
        };
        if captured as usize > RECORD_MAX {
            return Err(PcapError::RecordLength { offset: self.offset, length: captured });
        }
        let parsed = if header.is_bigendian() {
            parse_pcap_frame_be(&self.pending)
        } else {
            parse_pcap_frame(&self.pending)
        };
        let Ok((_, block)) = parsed else { return Ok(None) };
        // The nanosecond format keeps its nanoseconds in the field of the microseconds.
        let scale = if header.is_nanosecond_precision() { 1 } else { 1_000 };
        let fraction = Duration::from_nanos(u64::from(block.ts_usec) * scale);
        let record = Record {
            at: Duration::from_secs(u64::from(block.ts_sec)) + fraction,
            original_length: block.origlen,
            bytes: block.data.to_vec(),
        };
        self.consume(RECORD_HEADER_LENGTH + record.bytes.len());
        Ok(Some(record))
    }

    /// The captured length that the pending record's header claims, once that is there.
    fn captured_length(&self) -> Option<u32> {
        let field: [u8; 4] = self.pending.get(8..12)?.try_into().ok()?;
        let big_endian = self.header.as_ref()?.is_bigendian();
        (self.pending.len() >= RECORD_HEADER_LENGTH)
            .then(|| if big_endian { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) })
    }

    fn consume(&mut self, length: usize) {
        self.pending.drain(..length);
        self.offset += length as u64;
    }
}
