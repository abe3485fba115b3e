//! A TCP segment as it was captured.

use std::net::Ipv4Addr;

use harness::frame::Record;

/// What the offsets of a frame without a tag and of an IPv4 header are (IEEE 802.3, RFC 791), and of TCP's flags (RFC 9293).
const ETHERNET: usize = 14;
const IPV4: [u8; 2] = [0x08, 0x00];
const TCP: u8 = 6;
const FLAGS: usize = 13;

pub const FIN: u8 = 0x01;
pub const SYN: u8 = 0x02;

#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub source: Ipv4Addr,
    pub flags: u8,
    /// The packet's length, in bytes, which an MTU is a limit of.
    pub packet_length: u32,
    /// Whether the checksum is that of the segment; nothing, where the capture has not all of it.
    pub checksum_holds: Option<bool>,
}

impl Segment {
    /// `None` where the record is none.
    pub fn read(record: &Record<'_>) -> Option<Self> {
        let (ethernet, ip) = record.bytes.split_at_checked(ETHERNET)?;
        let tcp = ip.get(usize::from(ip.first()? & 0x0f) * 4..)?;
        if ethernet[12..14] != IPV4 || *ip.get(9)? != TCP {
            return None;
        }
        let source: [u8; 4] = *ip.get(12..16)?.first_chunk()?;
        let total = usize::from(u16::from_be_bytes(*ip.get(2..4)?.first_chunk()?));
        // Padding is none of it; what is longer than IP can say is not summed.
        let length = total.saturating_sub(ip.len() - tcp.len());
        let whole = tcp.get(..length).filter(|_| total > 0);
        Some(Self {
            source: source.into(),
            flags: *tcp.get(FLAGS)?,
            packet_length: record.original_length - u32::try_from(ETHERNET).ok()?,
            checksum_holds: whole.map(|tcp| sum(&ip[12..20], tcp) == u16::MAX),
        })
    }
}

/// The one's complement sum of a segment and of the pseudo header before it, with both addresses.
fn sum(addresses: &[u8], tcp: &[u8]) -> u16 {
    let words = addresses.chunks(2).chain(tcp.chunks(2));
    let words = words.map(|word| u64::from(word[0]) << 8 | u64::from(word.get(1).copied().unwrap_or(0)));
    let mut sum: u64 = words.sum::<u64>() + u64::from(TCP) + tcp.len() as u64;
    while sum > u64::from(u16::MAX) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}
