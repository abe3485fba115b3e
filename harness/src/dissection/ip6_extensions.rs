//! IPv6's extension headers (RFC 8200, section 4).

use super::{
    dissector::{Dissected, Dissector, Stop},
    ip6::HEADER_LENGTH,
};

const FRAGMENT_LENGTH: usize = 8;
const FRAGMENT_OFFSET: u16 = 0xfff8;
const OPTION_PAD1: u8 = 0;
const OPTION_ROUTER_ALERT: u8 = 5;
const OPTION_JUMBO: u8 = 0xc2;
const OPTION_HOME_ADDRESS: u8 = 0xc9;

impl Dissector<'_> {
    /// The header's length; `None` where the dissection ends with it.
    pub(super) fn hop_by_hop(
        &mut self,
        at: usize,
        previous: Option<u8>,
        claimed: usize,
    ) -> Dissected<Option<usize>> {
        if let Some(previous) = previous {
            self.print(match previous {
                0 => "[The Hop-by-Hop Options header was already found]",
                _ => "[The Hop-by-Hop Options header don't follow the IPv6 header]",
            });
            self.print_invalid();
            return Ok(None);
        }
        self.protocol = "hbhopt";
        let length = self.options_length(at)?;
        let options = self.check(at, length).and_then(|()| {
            self.print("HBH ");
            self.options(at + 2, length - 2)
        });
        match options {
            Ok(()) => {}
            Err(Stop::Truncated) => self.print_truncated(),
            Err(Stop::NotCovered) => return Err(Stop::NotCovered),
        }
        if claimed == 0 {
            self.print("[No valid Jumbo Payload Hop-by-Hop option found]");
            self.print_invalid();
            return Ok(None);
        }
        Ok(options.is_ok().then_some(length))
    }

    /// The header's length. Its options are not looked at.
    pub(super) fn destination_options(&mut self, at: usize) -> Dissected<usize> {
        self.protocol = "dstopt";
        let length = self.options_length(at)?;
        self.check(at, length)?;
        self.print("DSTOPT ");
        Ok(length)
    }

    /// The header's length; `None` where what follows can't be understood without the first fragment.
    pub(super) fn fragment(&mut self, packet: usize, at: usize) -> Dissected<Option<usize>> {
        self.protocol = "frag6";
        let offset = self.u16(at + 2)? & FRAGMENT_OFFSET;
        let end = packet + HEADER_LENGTH + usize::from(self.u16(packet + 4)?);
        let length = end.wrapping_sub(at + FRAGMENT_LENGTH);
        self.print(format_args!("frag ({offset}|{length})"));
        if offset != 0 {
            return Ok(None);
        }
        self.print(" ");
        Ok(Some(FRAGMENT_LENGTH).filter(|length| at + length < self.end()))
    }

    fn options_length(&self, at: usize) -> Dissected<usize> {
        Ok((usize::from(self.u8(at + 1)?) + 1) * 8)
    }

    fn options(&mut self, start: usize, length: usize) -> Dissected {
        let mut at = start;
        while at < start + length {
            let (kind, left) = (self.u8(at)?, start + length - at);
            if kind == OPTION_PAD1 {
                at += 1;
                continue;
            }
            if left < 2 {
                return Err(Stop::Truncated);
            }
            let option = usize::from(self.u8(at + 1)?) + 2;
            if option > left {
                return Err(Stop::Truncated);
            }
            self.option(kind, option, left)?;
            at += option;
        }
        Ok(())
    }

    /// Prints what is wrong with an option, if anything.
    fn option(&mut self, kind: u8, length: usize, left: usize) -> Dissected {
        let (name, minimum, exact) = match kind {
            OPTION_ROUTER_ALERT => ("rtalert", 4, true),
            OPTION_JUMBO => ("jumbo", 6, true),
            OPTION_HOME_ADDRESS => ("homeaddr", 18, false),
            _ => return Ok(()),
        };
        if left < minimum {
            self.print(format_args!("({name}: trunc)"));
            return Err(Stop::Truncated);
        }
        if length < minimum || (exact && length != minimum) {
            self.print(format_args!("({name}: invalid len {})", length - 2));
            return Err(Stop::Truncated);
        }
        if kind == OPTION_JUMBO { Err(Stop::NotCovered) } else { Ok(()) }
    }
}
