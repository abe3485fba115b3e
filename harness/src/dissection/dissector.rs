//! Reads a record's bytes and prints what they say, until they end.

use std::{
    fmt::{self, Write as _},
    net::{Ipv4Addr, Ipv6Addr},
};

/// Why a dissection ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The captured bytes end before a field does.
    Truncated,
    /// What follows is told by its kind only.
    NotCovered,
}

pub(super) type Dissected<T = ()> = Result<T, Stop>;

/// A dissection under way. Places are counted from the record's beginning.
pub(super) struct Dissector<'a> {
    bytes: &'a [u8],
    /// Where the bytes end that may be read: those of an IP packet end before the frame's padding.
    end: usize,
    /// What a truncation is blamed on.
    pub(super) protocol: &'static str,
    text: &'a mut String,
}

impl<'a> Dissector<'a> {
    /// What the bytes say goes to the end of `text`.
    pub(super) fn new(bytes: &'a [u8], text: &'a mut String) -> Self {
        Self { bytes, end: bytes.len(), protocol: "", text }
    }

    pub(super) fn print(&mut self, text: impl fmt::Display) {
        // A string takes everything.
        let _ = write!(self.text, "{text}");
    }

    // What nearly every frame has is printed without the formatter, which takes most of a line's time otherwise.

    pub(super) fn print_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn print_number(&mut self, number: impl itoa::Integer) {
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    pub(super) fn print_ipv4(&mut self, address: Ipv4Addr) {
        let [first, rest @ ..] = address.octets();
        self.print_number(first);
        for octet in rest {
            self.text.push('.');
            self.print_number(octet);
        }
    }

    /// Prints that the bytes ended too soon.
    pub(super) fn print_truncated(&mut self) {
        let protocol = self.protocol;
        self.print(format_args!(" [|{protocol}]"));
    }

    pub(super) fn print_invalid(&mut self) {
        self.print(" (invalid)");
    }

    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Lets the readable bytes end `length` bytes behind `at`, if that is not behind their end.
    pub(super) fn shorten(&mut self, at: usize, length: usize) {
        self.end = self.end.min(at + length);
    }

    pub(super) fn available(&self, at: usize) -> usize {
        self.end.saturating_sub(at)
    }

    pub(super) fn has(&self, at: usize, length: usize) -> bool {
        at + length <= self.end
    }

    pub(super) fn check(&self, at: usize, length: usize) -> Dissected {
        if self.has(at, length) { Ok(()) } else { Err(Stop::Truncated) }
    }

    pub(super) fn slice(&self, at: usize, length: usize) -> Dissected<&'a [u8]> {
        self.check(at, length)?;
        Ok(&self.bytes[at..at + length])
    }

    pub(super) fn u8(&self, at: usize) -> Dissected<u8> {
        Ok(self.array::<1>(at)?[0])
    }

    pub(super) fn u16(&self, at: usize) -> Dissected<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(super) fn u32(&self, at: usize) -> Dissected<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    pub(super) fn ipv4(&self, at: usize) -> Dissected<Ipv4Addr> {
        self.array::<4>(at).map(Ipv4Addr::from)
    }

    pub(super) fn ipv6(&self, at: usize) -> Dissected<Ipv6Text> {
        self.array::<16>(at).map(|octets| Ipv6Text(octets.into()))
    }

    fn array<const N: usize>(&self, at: usize) -> Dissected<[u8; N]> {
        let slice = self.slice(at, N)?;
        slice.first_chunk().copied().ok_or(Stop::Truncated)
    }
}

/// An IPv6 address in tcpdump's spelling.
pub(super) struct Ipv6Text(Ipv6Addr);

impl fmt::Display for Ipv6Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // tcpdump spells the deprecated IPv4-compatible addresses with dots, the standard library does not.
        match self.0.segments() {
            [0, 0, 0, 0, 0, 0, high, low] if high != 0 => {
                write!(f, "::{}", Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
            }
            _ => write!(f, "{}", self.0),
        }
    }
}
