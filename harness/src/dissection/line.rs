//! A record's whole line.

use super::{
    TimeOfDay,
    dissector::{Dissector, Stop},
};
use crate::frame::{Content, LinkType, Packet, Record};

/// libpcap's own limit of a frame's length (MAXIMUM_SNAPLEN, netdissect.h).
const LENGTH_MAX: u32 = 262_144;

/// Prints records as `tcpdump -n` does.
pub struct Dissection {
    time: TimeOfDay,
    /// The last line; its memory is used again.
    line: String,
}

impl Dissection {
    /// With times of day of that time zone.
    pub fn new(time: TimeOfDay) -> Self {
        Self { time, line: String::new() }
    }

    /// What tcpdump prints of a record, without the line's end. Bytes that are shown in hexadecimal
    /// take lines of their own. Of other protocols than ARP, ICMP and ICMPv6 only the kind is told.
    ///
    /// As in tcpdump, the interfaces of a cooked capture have the names that *this* machine has for
    /// their indices, whichever machine captured.
    pub fn line(&mut self, record: &Record<'_>) -> &str {
        self.line.clear();
        match invalid_header(record) {
            Some(invalid) => self.line.push_str(&invalid),
            None => self.dissect(record),
        }
        &self.line
    }

    fn dissect(&mut self, record: &Record<'_>) {
        self.time.print(record.at, &mut self.line);
        self.line.push(' ');
        let begin = self.line.len();
        let mut dissector = Dissector::new(&record.bytes, &mut self.line);
        let length = record.original_length as usize;
        let dissected = match record.link_type {
            LinkType::Ethernet => dissector.ethernet(length),
            LinkType::LinuxSll => dissector.linux_sll(length),
            LinkType::LinuxSll2 => dissector.linux_sll2(length),
        };
        match dissected {
            Ok(()) => {}
            Err(Stop::Truncated) => dissector.print_truncated(),
            Err(Stop::NotCovered) => {
                self.line.truncate(begin);
                self.line.push_str(&kind(record));
            }
        }
    }
}

/// What tcpdump prints of a record whose lengths make no sense.
fn invalid_header(record: &Record<'_>) -> Option<String> {
    let (captured, length) = (record.bytes.len(), record.original_length);
    let mut faults = Vec::new();
    if length == 0 {
        faults.push(" len==0".to_owned());
    } else if (length as usize) < captured {
        faults.push(format!(" len({length}) < caplen({captured})"));
    }
    if length > LENGTH_MAX {
        faults.push(format!(" len({length}) > {LENGTH_MAX}"));
    }
    if captured == 0 {
        faults.insert(0, " caplen==0".to_owned());
    }
    (!faults.is_empty()).then(|| format!("[Invalid header:{}]", faults.join(",")))
}

fn kind(record: &Record<'_>) -> String {
    match Packet::decode(record).content {
        Content::Other(kind) => kind.to_string(),
        Content::Arp(_) => "ARP".to_owned(),
        Content::Datagram(_) => "UDP".to_owned(),
        Content::Echo(_) => "ICMP".to_owned(),
        Content::Echo6(_) | Content::Neighbour(_) => "ICMP6".to_owned(),
    }
}
