//! Capture data that can't be read.

use pcap_parser::Linktype;

use super::LinkType;

/// libpcap's own limit of a record's captured bytes (MAXIMUM_SNAPLEN, pcap-int.h).
pub(super) const RECORD_MAX: usize = 262_144;

/// Capture data that can't be read, with its place.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PcapError {
    /// There is no data.
    #[error("it is empty")]
    Empty,
    /// The data begins neither with a pcap header nor with a pcapng section.
    #[error("neither a pcap header nor a pcapng section at offset 0: it begins with {0:02x?}")]
    NotPcap(Vec<u8>),
    /// Frames of a link layer that is not read here.
    #[error(
        "link type {number} ({}) at offset {offset} is not read here: {} are",
        Linktype(*number),
        LinkType::ALL.map(|known| format!("{} ({})", known.number(), Linktype(known.number()))).join(", ")
    )]
    LinkType {
        /// The file's number of it (pcap-linktype(7)).
        number: i32,
        /// Where the file says so.
        offset: u64,
    },
    /// Frames without an Ethernet header in a capture on one interface.
    #[error("link type {} at offset 20 is not Ethernet (1)", Linktype(.0.number()))]
    NotEthernet(LinkType),
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
    /// A pcapng block that can't be true.
    #[error("the pcapng block at offset {offset} {reason}")]
    Block {
        /// Where the block begins.
        offset: u64,
        /// What is wrong with it.
        reason: &'static str,
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
