//! IPv6 (RFC 8200).

use super::{
    dissector::{Dissected, Dissector, Stop},
    ip::{PROTOCOL_ICMP, PROTOCOL_ICMP6, PROTOCOL_TCP, PROTOCOL_UDP},
};

pub(super) const HEADER_LENGTH: usize = 40;
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;
const OLD_MOBILITY: u8 = 62;

impl Dissector<'_> {
    pub(super) fn ip6(&mut self, at: usize, length: usize) -> Dissected {
        self.protocol = "ip6";
        self.check(at, HEADER_LENGTH)?;
        if length < HEADER_LENGTH {
            self.print(format_args!("truncated-ip6 {length}"));
            return Ok(());
        }
        self.print("IP6 ");
        let version = self.u8(at)? >> 4;
        if version != 6 {
            self.print(format_args!("version error: {version} != 6"));
            return Ok(());
        }
        let claimed = usize::from(self.u16(at + 4)?);
        // Without a claim the rest of the frame is searched for a jumbo payload option.
        let total = HEADER_LENGTH + if claimed == 0 { length } else { claimed };
        if claimed != 0 && length < total {
            self.print(format_args!("truncated-ip6 - {} bytes missing!", total - length));
        }
        self.shorten(at, total);
        self.ip6_chain(at, total, claimed)
    }

    /// The extension headers and what they lead to.
    fn ip6_chain(&mut self, at: usize, total: usize, claimed: usize) -> Dissected {
        let (mut place, mut advance, mut previous) = (at, HEADER_LENGTH, None);
        let mut next = self.u8(at + 6)?;
        loop {
            place += advance;
            if previous.is_none() && !matches!(next, PROTOCOL_TCP | PROTOCOL_UDP | 33 | 132) {
                let (source, destination) = (self.ipv6(at + 8)?, self.ipv6(at + 24)?);
                self.print(format_args!("{source} > {destination}: "));
            }
            let extension = match next {
                HOP_BY_HOP => self.hop_by_hop(place, previous, claimed)?,
                DESTINATION_OPTIONS => Some(self.destination_options(place)?),
                FRAGMENT => self.fragment(at, place)?,
                ROUTING | MOBILITY | OLD_MOBILITY => return Err(Stop::NotCovered),
                upper => return self.ip6_payload(upper, at, place, total, claimed),
            };
            let Some(length) = extension else { return Ok(()) };
            previous = Some(next);
            (advance, next) = (length, self.u8(place)?);
            self.protocol = "ip6";
        }
    }

    fn ip6_payload(&mut self, upper: u8, at: usize, place: usize, total: usize, claimed: usize) -> Dissected {
        let mut length = at + total - place;
        if claimed == 0 {
            if place > at + HEADER_LENGTH {
                return Err(Stop::Truncated);
            }
            self.shorten(at, HEADER_LENGTH);
            length = 0;
        }
        match upper {
            PROTOCOL_ICMP6 => self.icmp6(place, length),
            PROTOCOL_ICMP => self.wrong_version("ICMP", 4),
            2 => self.wrong_version("IGMP", 4),
            other => self.other_protocol(other, length),
        }
    }
}
