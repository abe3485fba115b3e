//! ARP (RFC 826), and what else is sent in its format.

use std::fmt;

use super::{
    dissector::{Dissected, Dissector, Stop},
    ethernet::{ETHERTYPE_IPV4, ether_type_name},
};

/// RFC 893's trailers: IPv4 too.
const ETHERTYPE_TRAIL: u16 = 0x1000;
const HEADER_LENGTH: usize = 8;
const HARDWARE_FRAME_RELAY: u16 = 15;
const HARDWARE_ATM: u16 = 19;
const REQUEST: u16 = 1;

/// Where an ARP packet's fields are, named as in RFC 826.
struct Fields {
    hardware_length: usize,
    sender_hardware: usize,
    sender_protocol: usize,
    target_hardware: usize,
    target_protocol: usize,
}

impl Fields {
    fn new(at: usize, hardware_length: usize, protocol_length: usize) -> Self {
        let sender_hardware = at + HEADER_LENGTH;
        let sender_protocol = sender_hardware + hardware_length;
        let target_hardware = sender_protocol + protocol_length;
        let target_protocol = target_hardware + hardware_length;
        Self { hardware_length, sender_hardware, sender_protocol, target_hardware, target_protocol }
    }
}

impl<'a> Dissector<'a> {
    pub(super) fn arp(&mut self, at: usize, length: usize) -> Dissected {
        self.protocol = "arp";
        self.check(at, HEADER_LENGTH)?;
        let (hardware, protocol, operation) = (self.u16(at)?, self.u16(at + 2)?, self.u16(at + 6)?);
        let (hardware_length, protocol_length) = (self.u8(at + 4)?, self.u8(at + 5)?);
        // ATM's has other fields.
        if hardware == HARDWARE_ATM {
            return Err(Stop::NotCovered);
        }
        let fields = Fields::new(at, hardware_length.into(), protocol_length.into());
        self.check(fields.target_protocol, protocol_length.into())?;
        let is_ipv4 = matches!(protocol, ETHERTYPE_IPV4 | ETHERTYPE_TRAIL) && protocol_length == 4;
        let is_told = is_ipv4 && hardware_length != 0;
        // Frame relay's is the same, with addresses that are written otherwise: a request may have none to write.
        if hardware == HARDWARE_FRAME_RELAY
            && !(is_told && operation == REQUEST && self.target_hardware(&fields)?.is_zero())
        {
            return Err(Stop::NotCovered);
        }
        self.print_text("ARP, ");
        if is_told {
            if !self.arp_operation(operation, &fields)? {
                return self.print_hexadecimal_and_ascii(at);
            }
        } else {
            self.print(format_args!("{} (len {hardware_length}), ", hardware_name(hardware)));
            self.print(format_args!("{} (len {protocol_length})", protocol_name(protocol)));
        }
        self.print_text(", length ");
        self.print_number(length);
        Ok(())
    }

    /// Prints what is asked or said; whether the operation is known.
    fn arp_operation(&mut self, operation: u16, fields: &Fields) -> Dissected<bool> {
        self.print_operation(operation);
        let sender_hardware = self.hardware_address(fields.sender_hardware, fields)?;
        let target_hardware = self.target_hardware(fields)?;
        let sender = self.ipv4(fields.sender_protocol)?;
        let target = self.ipv4(fields.target_protocol)?;
        match operation {
            REQUEST => {
                self.print_text("who-has ");
                self.print_ipv4(target);
                if !target_hardware.is_zero() {
                    self.print(format_args!(" ({target_hardware})"));
                }
                self.print_text(" tell ");
                self.print_ipv4(sender);
            }
            2 => {
                self.print_ipv4(sender);
                self.print_text(" is-at ");
                self.print(sender_hardware);
            }
            3 | 8 => self.print(format_args!("who-is {target_hardware} tell {sender_hardware}")),
            4 => self.print(format_args!("{target_hardware} at {target}")),
            9 => self.print(format_args!("{sender_hardware} at {sender}")),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn print_operation(&mut self, operation: u16) {
        self.print_text(match operation {
            REQUEST => "Request ",
            2 => "Reply ",
            3 => "Reverse Request ",
            4 => "Reverse Reply ",
            8 => "Inverse Request ",
            9 => "Inverse Reply ",
            10 => "NACK Reply ",
            other => return self.print(format_args!("Unknown ({other}) ")),
        });
    }

    fn target_hardware(&self, fields: &Fields) -> Dissected<HardwareAddress<'a>> {
        self.hardware_address(fields.target_hardware, fields)
    }

    fn hardware_address(&self, at: usize, fields: &Fields) -> Dissected<HardwareAddress<'a>> {
        self.slice(at, fields.hardware_length).map(HardwareAddress)
    }
}

/// An address of any length.
#[derive(Clone, Copy)]
struct HardwareAddress<'a>(&'a [u8]);

impl HardwareAddress<'_> {
    fn is_zero(self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }
}

impl fmt::Display for HardwareAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if place == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

fn hardware_name(hardware: u16) -> String {
    let name = match hardware {
        1 => "Ethernet",
        6 => "TokenRing",
        7 => "ArcNet",
        23 => "Strip",
        24 => "IEEE 1394",
        32 => "InfiniBand",
        other => return format!("Unknown Hardware ({other})"),
    };
    name.to_owned()
}

fn protocol_name(protocol: u16) -> String {
    ether_type_name(protocol).map_or_else(|| format!("Unknown Protocol (0x{protocol:04x})"), str::to_owned)
}
