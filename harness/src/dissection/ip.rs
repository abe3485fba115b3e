//! IPv4 (RFC 791).

use super::dissector::{Dissected, Dissector, Stop};

const HEADER_LENGTH: usize = 20;
const MORE_AND_OFFSET: u16 = 0x1fff;
pub(super) const PROTOCOL_ICMP: u8 = 1;
pub(super) const PROTOCOL_TCP: u8 = 6;
pub(super) const PROTOCOL_UDP: u8 = 17;
pub(super) const PROTOCOL_ICMP6: u8 = 58;
const PROTOCOL_NONE: u8 = 59;
/// What tcpdump knows and has more to say about (print-ip-demux.c).
const OTHER_PROTOCOLS: [u8; 22] =
    [2, 4, 6, 8, 9, 17, 33, 41, 46, 47, 50, 51, 55, 77, 88, 89, 103, 108, 112, 113, 132, 143];

/// TCP, UDP, DCCP and SCTP: what prints their ports prints the addresses with them (print-ip.c).
const WITH_PORTS: [u8; 4] = [PROTOCOL_TCP, PROTOCOL_UDP, 33, 132];

impl Dissector<'_> {
    pub(super) fn ip(&mut self, at: usize, length: usize) -> Dissected {
        self.protocol = "ip";
        match self.u8(at)? >> 4 {
            4 => {}
            version => {
                self.print(format_args!("IP{version}"));
                self.print(if version == 6 { ", wrong link-layer encapsulation" } else { "" });
                self.print_invalid();
                return Ok(());
            }
        }
        self.print_text("IP ");
        self.check(at, HEADER_LENGTH)?;
        let header_length = usize::from(self.u8(at)? & 0x0f) * 4;
        if length < HEADER_LENGTH {
            self.print(format_args!("truncated-ip {length}"));
        } else if header_length < HEADER_LENGTH {
            self.print(format_args!("bad-hlen {header_length}"));
        } else if let Some(payload_length) = self.ip_payload_length(at, length, header_length)? {
            return self.ip_payload(at, header_length, payload_length);
        }
        Ok(())
    }

    /// The length of what the header heads; `None` where the header's claim can't be true.
    fn ip_payload_length(
        &mut self,
        at: usize,
        length: usize,
        header_length: usize,
    ) -> Dissected<Option<usize>> {
        let claimed = usize::from(self.u16(at + 2)?);
        if length < claimed {
            self.print(format_args!("truncated-ip - {} bytes missing! ", claimed - length));
        }
        if claimed < header_length {
            self.print(format_args!("bad-len {claimed}"));
            return Ok(None);
        }
        self.shorten(at, claimed);
        Ok(Some(claimed - header_length))
    }

    fn ip_payload(&mut self, at: usize, header_length: usize, length: usize) -> Dissected {
        let protocol = self.u8(at + 9)?;
        let (source, destination) = (self.ipv4(at + 12)?, self.ipv4(at + 16)?);
        if self.u16(at + 6)? & MORE_AND_OFFSET != 0 {
            self.print(format_args!("{source} > {destination}: ip-proto-{protocol}"));
            return Ok(());
        }
        if !WITH_PORTS.contains(&protocol) {
            self.print_ipv4(source);
            self.print_text(" > ");
            self.print_ipv4(destination);
            self.print_text(": ");
        }
        if !self.has(at, header_length) {
            let available = self.available(at);
            self.print(format_args!(" [remaining caplen({available}) < header length({header_length})]"));
            return Err(Stop::Truncated);
        }
        match protocol {
            PROTOCOL_ICMP => self.icmp(at + header_length, length),
            PROTOCOL_ICMP6 => self.wrong_version("ICMPv6", 6),
            other => self.other_protocol(other, length),
        }
    }

    /// What an IP packet holds that is not ICMP.
    pub(super) fn other_protocol(&mut self, protocol: u8, length: usize) -> Dissected {
        match protocol {
            PROTOCOL_NONE => self.print("no next header"),
            known if OTHER_PROTOCOLS.contains(&known) => return Err(Stop::NotCovered),
            unknown => self.print(format_args!(" ip-proto-{unknown} {length}")),
        }
        Ok(())
    }

    pub(super) fn wrong_version(&mut self, protocol: &str, version: u8) -> Dissected {
        self.print(format_args!("[{protocol} requires IPv{version}]"));
        self.print_invalid();
        Ok(())
    }
}
