//! ICMP (RFC 792).

use super::{
    dissector::{Dissected, Dissector, Stop},
    ip::{PROTOCOL_TCP, PROTOCOL_UDP},
};

/// Where the packet begins that an error is about.
const ORIGINAL: usize = 8;
const ORIGINAL_PROTOCOL: usize = ORIGINAL + 9;
const ORIGINAL_DESTINATION: usize = ORIGINAL + 16;

impl Dissector<'_> {
    pub(super) fn icmp(&mut self, at: usize, length: usize) -> Dissected {
        self.protocol = "icmp";
        let (kind, code) = (self.u8(at)?, self.u8(at + 1)?);
        if matches!(kind, 0 | 8) {
            return self.icmp_echo(at, kind, length);
        }
        let text = match kind {
            3 => self.unreachable(at, code)?,
            5 => self.redirect(at, code)?,
            9 => return Err(Stop::NotCovered),
            11 => self.time_exceeded(at, code)?,
            12 if code == 0 => format!("parameter problem - octet {}", self.u8(at + 4)?),
            12 => format!("parameter problem - code {code}"),
            13 => format!("time stamp query id {} seq {}", self.u16(at + 4)?, self.u16(at + 6)?),
            14 => self.time_stamp_reply(at)?,
            18 => format!("address mask is 0x{:08x}", self.u32(at + 8)?),
            other => simple(other),
        };
        self.print(format_args!("ICMP {text}, length {length}"));
        Ok(())
    }

    fn icmp_echo(&mut self, at: usize, kind: u8, length: usize) -> Dissected {
        let (identifier, sequence) = (self.u16(at + 4)?, self.u16(at + 6)?);
        self.print_text(if kind == 8 { "ICMP echo request, id " } else { "ICMP echo reply, id " });
        self.print_number(identifier);
        self.print_text(", seq ");
        self.print_number(sequence);
        self.print_text(", length ");
        self.print_number(length);
        Ok(())
    }

    fn unreachable(&self, at: usize, code: u8) -> Dissected<String> {
        if code == 3 {
            return self.port_unreachable(at);
        }
        let destination = self.ipv4(at + ORIGINAL_DESTINATION)?;
        Ok(match code {
            0 => format!("net {destination} unreachable"),
            1 => format!("host {destination} unreachable"),
            2 => format!("{destination} protocol {} unreachable", self.u8(at + ORIGINAL_PROTOCOL)?),
            4 => match self.u16(at + 6)? {
                0 => format!("{destination} unreachable - need to frag"),
                mtu => format!("{destination} unreachable - need to frag (mtu {mtu})"),
            },
            5 => format!("{destination} unreachable - source route failed"),
            6 => format!("net {destination} unreachable - unknown"),
            7 => format!("host {destination} unreachable - unknown"),
            8 => format!("{destination} unreachable - source host isolated"),
            9 => format!("net {destination} unreachable - admin prohibited"),
            10 => format!("host {destination} unreachable - admin prohibited"),
            11 => format!("net {destination} unreachable - tos prohibited"),
            12 => format!("host {destination} unreachable - tos prohibited"),
            13 => format!("host {destination} unreachable - admin prohibited filter"),
            14 => format!("host {destination} unreachable - host precedence violation"),
            15 => format!("host {destination} unreachable - precedence cutoff"),
            other => format!("{destination} unreachable - #{other}"),
        })
    }

    fn port_unreachable(&self, at: usize) -> Dissected<String> {
        let header_length = usize::from(self.u8(at + ORIGINAL)? & 0x0f) * 4;
        let port = self.u16(at + ORIGINAL + header_length + 2)?;
        let destination = self.ipv4(at + ORIGINAL_DESTINATION)?;
        Ok(match self.u8(at + ORIGINAL_PROTOCOL)? {
            PROTOCOL_TCP => format!("{destination} tcp port {port} unreachable"),
            PROTOCOL_UDP => format!("{destination} udp port {port} unreachable"),
            other => format!("{destination} protocol {other} port {port} unreachable"),
        })
    }

    fn redirect(&self, at: usize, code: u8) -> Dissected<String> {
        let (destination, gateway) = (self.ipv4(at + ORIGINAL_DESTINATION)?, self.ipv4(at + 4)?);
        Ok(match code {
            0 => format!("redirect {destination} to net {gateway}"),
            1 => format!("redirect {destination} to host {gateway}"),
            2 => format!("redirect-tos {destination} to net {gateway}"),
            3 => format!("redirect-tos {destination} to host {gateway}"),
            other => format!("redirect-#{other} {destination} to {gateway}"),
        })
    }

    fn time_exceeded(&self, at: usize, code: u8) -> Dissected<String> {
        self.check(at + ORIGINAL_DESTINATION, 4)?;
        Ok(match code {
            0 => "time exceeded in-transit".to_owned(),
            1 => "ip reassembly time exceeded".to_owned(),
            other => format!("time exceeded-#{other}"),
        })
    }

    fn time_stamp_reply(&self, at: usize) -> Dissected<String> {
        let time = |place| self.u32(at + place).map(milliseconds_of_day);
        Ok(format!(
            "time stamp reply id {} seq {}: org {}, recv {}, xmit {}",
            self.u16(at + 4)?,
            self.u16(at + 6)?,
            time(8)?,
            time(12)?,
            time(16)?
        ))
    }
}

fn milliseconds_of_day(milliseconds: u32) -> String {
    let seconds = milliseconds / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, milliseconds % 1000)
}

fn simple(kind: u8) -> String {
    let name = match kind {
        4 => "source quench",
        10 => "router solicitation",
        15 => "information request",
        16 => "information reply",
        17 => "address mask request",
        other => return format!("type-#{other}"),
    };
    name.to_owned()
}
