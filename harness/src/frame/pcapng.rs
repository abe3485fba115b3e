//! The next generation capture file format (draft-ietf-opsawg-pcapng).

use std::{borrow::Cow, sync::Arc, time::Duration};

use pcap_parser::{
    InterfaceDescriptionBlock, OptionCode, SectionHeaderBlock, parse_enhancedpacketblock_be,
    parse_enhancedpacketblock_le, parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le,
    parse_sectionheaderblock, parse_simplepacketblock_be, parse_simplepacketblock_le,
};

use super::{
    LinkType, PcapError, Record, error::RECORD_MAX, pending::Pending, time_resolution::TimeResolution,
};

/// The type of a section header, the same in both byte orders.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const SECTION_HEADER_NUMBER: u32 = u32::from_be_bytes(SECTION_HEADER);
const INTERFACE_DESCRIPTION: u32 = 1;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const BLOCK_MIN: u32 = 12;
/// libpcap's own limit (INITIAL_MAX_BLOCKSIZE, sf-pcapng.c).
const BLOCK_MAX: u32 = 16 * 1024 * 1024;
/// A block that is read is held whole: a frame of [`RECORD_MAX`] with its options, and room to spare.
const READ_MAX: usize = 1024 * 1024;
/// More is no capture but an attempt to fill the memory.
const INTERFACES_MAX: usize = 8192;
/// How much is kept of an interface's name, in bytes: Windows' have 50.
const NAME_MAX: usize = 128;
/// Microseconds, where an interface says nothing else.
const DEFAULT_RESOLUTION: u8 = 6;

/// What a section has said so far.
#[derive(Debug, Default)]
pub(super) struct Pcapng {
    big_endian: bool,
    interfaces: Vec<Interface>,
}

#[derive(Debug)]
struct Interface {
    link_type: i32,
    snaplen: u32,
    name: Option<Arc<str>>,
    time: TimeResolution,
}

impl Pcapng {
    /// Reads on to the end of the next packet's block, once that has arrived. Blocks that hold no
    /// packet are read for what they say, or skipped as they arrive.
    pub(super) fn next<'a>(&mut self, pending: &'a mut Pending) -> Result<Option<Record<'a>>, PcapError> {
        while let Some(length) = self.block_length(pending)? {
            let offset = pending.offset();
            let kind = pending.four_at(0).map(|kind| self.number(kind));
            if !matches!(
                kind,
                Some(SECTION_HEADER_NUMBER | INTERFACE_DESCRIPTION | SIMPLE_PACKET | ENHANCED_PACKET)
            ) {
                pending.skip(length);
                continue;
            }
            if length > READ_MAX {
                return Err(PcapError::Block {
                    offset,
                    reason: "claims more than 1 MiB, and no more is held of one",
                });
            }
            if length > pending.bytes().len() {
                break;
            }
            match kind {
                Some(ENHANCED_PACKET) => return self.enhanced_packet(pending.take(length), offset).map(Some),
                Some(SIMPLE_PACKET) => return self.simple_packet(pending.take(length), offset).map(Some),
                _ => self.read_description(pending.take(length), offset)?,
            }
        }
        Ok(None)
    }

    /// How many bytes the block has that has begun to arrive, at least.
    pub(super) fn record_length(&mut self, pending: &Pending) -> usize {
        self.block_length(pending).ok().flatten().unwrap_or(BLOCK_MIN as usize)
    }

    /// The length that the next block's header claims, once that is there. A section's header
    /// changes the byte order.
    fn block_length(&mut self, pending: &Pending) -> Result<Option<usize>, PcapError> {
        let error = |reason| PcapError::Block { offset: pending.offset(), reason };
        let (Some(kind), Some(length), Some(order)) =
            (pending.four_at(0), pending.four_at(4), pending.four_at(8))
        else {
            return Ok(None);
        };
        if kind == SECTION_HEADER {
            self.big_endian = match order {
                _ if u32::from_le_bytes(order) == BYTE_ORDER_MAGIC => false,
                _ if u32::from_be_bytes(order) == BYTE_ORDER_MAGIC => true,
                _ => return Err(error("begins a section and has no byte-order magic")),
            };
        }
        match self.number(length) {
            length if length < BLOCK_MIN || length % 4 != 0 => {
                Err(error("claims a length that no block has"))
            }
            length if length > BLOCK_MAX => Err(error("claims more than 16 MiB, and libpcap reads no more")),
            length => Ok(Some(length as usize)),
        }
    }

    /// Takes what a block without a packet says of those that follow.
    fn read_description(&mut self, block: &[u8], offset: u64) -> Result<(), PcapError> {
        let kind = block.first_chunk().map(|kind| self.number(*kind));
        if block.starts_with(&SECTION_HEADER) {
            let (_, header) = parse_sectionheaderblock(block).map_err(|_| damaged(offset))?;
            self.begin_section(&header, offset)?;
        } else if kind == Some(INTERFACE_DESCRIPTION) {
            let parse = if self.big_endian {
                parse_interfacedescriptionblock_be
            } else {
                parse_interfacedescriptionblock_le
            };
            let (_, description) = parse(block).map_err(|_| damaged(offset))?;
            self.add_interface(&description, offset)?;
        }
        Ok(())
    }

    fn begin_section(&mut self, header: &SectionHeaderBlock<'_>, offset: u64) -> Result<(), PcapError> {
        if header.major_version != 1 {
            return Err(PcapError::Block { offset, reason: "begins a section of a version that is not 1" });
        }
        self.interfaces.clear();
        Ok(())
    }

    fn add_interface(
        &mut self,
        description: &InterfaceDescriptionBlock<'_>,
        offset: u64,
    ) -> Result<(), PcapError> {
        if self.interfaces.len() >= INTERFACES_MAX {
            return Err(PcapError::Block { offset, reason: "describes more interfaces than a machine has" });
        }
        let option = |code| {
            let option = description.options.iter().find(|option| option.code == code)?;
            option.as_bytes().ok()
        };
        let resolution = option(OptionCode::IfTsresol).and_then(|value| value.first().copied());
        let seconds = option(OptionCode::IfTsoffset).and_then(|value| value.first_chunk().copied());
        let seconds = seconds.map(|value| match self.big_endian {
            true => i64::from_be_bytes(value),
            false => i64::from_le_bytes(value),
        });
        self.interfaces.push(Interface {
            link_type: description.linktype.0,
            snaplen: description.snaplen,
            name: option(OptionCode::IfName)
                .map(|name| String::from_utf8_lossy(&name[..name.len().min(NAME_MAX)]).into()),
            time: TimeResolution::new(resolution.unwrap_or(DEFAULT_RESOLUTION), seconds.unwrap_or(0)),
        });
        Ok(())
    }

    fn enhanced_packet<'a>(&self, block: &'a [u8], offset: u64) -> Result<Record<'a>, PcapError> {
        let parse = if self.big_endian { parse_enhancedpacketblock_be } else { parse_enhancedpacketblock_le };
        let (_, packet) = parse(block).map_err(|_| damaged(offset))?;
        if packet.caplen as usize > RECORD_MAX {
            return Err(PcapError::RecordLength { offset, length: packet.caplen });
        }
        let (interface, link_type) = self.interface(packet.if_id, offset)?;
        let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
        Ok(Record {
            at: interface.time.time(units),
            original_length: packet.origlen,
            bytes: Cow::Borrowed(packet.data.get(..packet.caplen as usize).unwrap_or(packet.data)),
            link_type,
            interface: interface.name.clone(),
        })
    }

    /// A simple packet is the first interface's, cut to its snaplen, and has no time.
    fn simple_packet<'a>(&self, block: &'a [u8], offset: u64) -> Result<Record<'a>, PcapError> {
        let parse = if self.big_endian { parse_simplepacketblock_be } else { parse_simplepacketblock_le };
        let (_, packet) = parse(block).map_err(|_| damaged(offset))?;
        let (interface, link_type) = self.interface(0, offset)?;
        let snaplen = if interface.snaplen == 0 { RECORD_MAX } else { interface.snaplen as usize };
        let data = packet.data.get(..packet.origlen as usize).unwrap_or(packet.data);
        if data.len().min(snaplen) > RECORD_MAX {
            return Err(PcapError::RecordLength { offset, length: packet.origlen });
        }
        Ok(Record {
            at: Duration::ZERO,
            original_length: packet.origlen,
            bytes: Cow::Borrowed(&data[..data.len().min(snaplen)]),
            link_type,
            interface: interface.name.clone(),
        })
    }

    fn interface(&self, number: u32, offset: u64) -> Result<(&Interface, LinkType), PcapError> {
        let undescribed =
            PcapError::Block { offset, reason: "holds a packet of an interface that was not described" };
        let interface = self.interfaces.get(number as usize).ok_or(undescribed)?;
        let number = interface.link_type;
        let link_type = LinkType::new(number).ok_or(PcapError::LinkType { number, offset })?;
        Ok((interface, link_type))
    }

    fn number(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

fn damaged(offset: u64) -> PcapError {
    PcapError::Block { offset, reason: "is damaged: its fields do not fit its length" }
}
