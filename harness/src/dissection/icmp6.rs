//! ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861).

use super::{
    dissector::{Dissected, Dissector, Stop},
    ip::{PROTOCOL_TCP, PROTOCOL_UDP},
    ip6::HEADER_LENGTH,
};

/// Where the packet begins that an error is about.
const ORIGINAL: usize = 8;
const ORIGINAL_SOURCE: usize = ORIGINAL + 8;
const ORIGINAL_DESTINATION: usize = ORIGINAL + 24;

impl Dissector<'_> {
    pub(super) fn icmp6(&mut self, at: usize, length: usize) -> Dissected {
        self.protocol = "icmp6";
        if length == 0 {
            self.print("ICMP6, length 0");
            self.print_invalid();
            return Ok(());
        }
        let kind = self.u8(at)?;
        self.print(format_args!("ICMP6, {}", name(kind)));
        let code = self.u8(at + 1)?;
        match kind {
            1 if matches!(code, 0..=4) => self.destination_unreachable(at, code)?,
            1 => {
                self.print(format_args!(", unknown unreach code ({code})"));
                return self.print_unknown_data(at, length);
            }
            2 => self.print(format_args!(", mtu {}", self.u32(at + 4)?)),
            3 => self.time_exceeded6(at, code)?,
            4 => self.parameter_problem(at, code)?,
            128 | 129 => self.print(format_args!(", id {}, seq {}", self.u16(at + 4)?, self.u16(at + 6)?)),
            130 => self.listener_query(at, length)?,
            131 | 132 => self.listener_report(at)?,
            133 | 134 | 141 | 142 | 145 | 147 => {}
            135 => self.print(format_args!(", who has {}", self.ipv6(at + 8)?)),
            136 => self.print(format_args!(", tgt is {}", self.ipv6(at + 8)?)),
            137 => {
                self.print(format_args!(", {}", self.ipv6(at + 24)?));
                self.print(format_args!(" to {}", self.ipv6(at + 8)?));
            }
            138..=140 | 155 => return Err(Stop::NotCovered),
            143 => self.listener_report_v2(at, length)?,
            144 | 146 => self.print(format_args!(", id 0x{:04x}", self.u16(at + 4)?)),
            _ => {
                self.print(format_args!(", length {length}"));
                return self.print_unknown_data(at, length);
            }
        }
        self.print(format_args!(", length {length}"));
        Ok(())
    }

    fn destination_unreachable(&mut self, at: usize, code: u8) -> Dissected {
        self.print(match code {
            0 => ", unreachable route",
            1 => ",  unreachable prohibited",
            2 => ", beyond scope",
            3 => ", unreachable address",
            _ => ", unreachable port",
        });
        match code {
            2 => {
                let destination = self.ipv6(at + ORIGINAL_DESTINATION)?;
                let source = self.ipv6(at + ORIGINAL_SOURCE)?;
                self.print(format_args!(" {destination}, source address {source}"));
            }
            4 => {
                let (protocol, port) = self.original_port(at + ORIGINAL)?;
                let destination = self.ipv6(at + ORIGINAL_DESTINATION)?;
                let protocol = if protocol == PROTOCOL_TCP { "tcp" } else { "udp" };
                self.print(format_args!(", {destination} {protocol} port {port}"));
            }
            _ => self.print(format_args!(" {}", self.ipv6(at + ORIGINAL_DESTINATION)?)),
        }
        Ok(())
    }

    /// The upper protocol of the packet that an error is about, and its destination port.
    fn original_port(&self, packet: usize) -> Dissected<(u8, u16)> {
        let (mut at, mut next) = (packet, self.u8(packet + 6)?);
        let mut length = HEADER_LENGTH;
        loop {
            at += length;
            length = match next {
                PROTOCOL_UDP | PROTOCOL_TCP => return Ok((next, self.u16(at + 2)?)),
                0 | 43 | 60 => (usize::from(self.u8(at + 1)?) + 1) * 8,
                44 if self.u16(at + 2)? & 0xfff8 == 0 => 8,
                51 => (usize::from(self.u8(at + 1)?) + 2) * 4,
                _ => return Err(Stop::Truncated),
            };
            next = self.u8(at)?;
        }
    }

    fn time_exceeded6(&mut self, at: usize, code: u8) -> Dissected {
        match code {
            0 => self.print(format_args!(" for {}", self.ipv6(at + ORIGINAL_DESTINATION)?)),
            1 => self.print(" (reassembly)"),
            other => self.print(format_args!(", unknown code ({other})")),
        }
        Ok(())
    }

    fn parameter_problem(&mut self, at: usize, code: u8) -> Dissected {
        self.check(at + ORIGINAL_DESTINATION, 16)?;
        let what = match code {
            0 => "erroneous",
            1 => "next header",
            2 => "option",
            3 => "incomplete header chain",
            other => {
                self.print(format_args!(", code-#{other}"));
                return Ok(());
            }
        };
        self.print(format_args!(", {what} - octet {}", self.u32(at + 4)?));
        Ok(())
    }
}

/// tcpdump's name of a message (`icmp6_type_values`, print-icmp6.c).
fn name(kind: u8) -> String {
    let name = match kind {
        1 => "destination unreachable",
        2 => "packet too big",
        3 => "time exceeded in-transit",
        4 => "parameter problem",
        128 => "echo request",
        129 => "echo reply",
        130 => "multicast listener query",
        131 => "multicast listener report",
        132 => "multicast listener done",
        133 => "router solicitation",
        134 => "router advertisement",
        135 => "neighbor solicitation",
        136 => "neighbor advertisement",
        137 => "redirect",
        141 => "inverse neighbor solicitation",
        142 => "inverse neighbor advertisement",
        143 => "multicast listener report v2",
        144 => "ha discovery request",
        145 => "ha discovery reply",
        146 => "mobile router solicitation",
        147 => "mobile router advertisement",
        200 => "mtrace response",
        201 => "mtrace message",
        other => return format!("unknown icmp6 type ({other})"),
    };
    name.to_owned()
}
