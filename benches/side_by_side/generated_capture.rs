//! A capture as a busy LAN with containers would give it.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use miette::{IntoDiagnostic as _, WrapErr as _};

/// As many pairs of containers speak. tcpdump looks addresses up in lists that grow with their number (`hnametable`,
/// addrtoname.c): with those of a large network it takes thirty times as long, and would be no measure.
const PAIRS: u32 = 200;
/// Its frames.
pub const FRAMES: u32 = 400_000;

/// Writes the capture, the same each time: a question and its answer by ARP, then three echoes with their replies, from one
/// container to the next.
pub fn write() -> miette::Result<Utf8PathBuf> {
    let path = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated.pcap");
    let mut bytes = Vec::new();
    bytes.extend(0xa1b2_c3d4_u32.to_le_bytes());
    bytes.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(262_144_u32.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    for number in 0..FRAMES {
        let frame = frame(number);
        let seconds = 1_700_000_000 + number / 4_000;
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        for field in [seconds, number % 4_000 * 250, length, length] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend(frame);
    }
    fs::write(&path, bytes).into_diagnostic().wrap_err_with(|| format!("failed to write {path}"))?;
    Ok(path)
}

/// One of the eight frames of an exchange.
fn frame(number: u32) -> Vec<u8> {
    let exchange = number / 8;
    let pair = (exchange % PAIRS) as u8 + 1;
    let ends = [[10, 0, 0, pair], [10, 0, 1, pair]];
    match number % 8 {
        0 => arp(1, ends[0], ends[1]),
        1 => arp(2, ends[1], ends[0]),
        step if step % 2 == 0 => echo(8, ends[0], ends[1], exchange as u16, step as u16 / 2),
        step => echo(0, ends[1], ends[0], exchange as u16, step as u16 / 2),
    }
}

fn mac([_, b, c, d]: [u8; 4]) -> [u8; 6] {
    [2, 0, 0, b, c, d]
}

fn arp(operation: u8, from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
    let is_request = operation == 1;
    let destination = if is_request { [0xff; 6] } else { mac(to) };
    let target = if is_request { [0; 6] } else { mac(to) };
    let head = [0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, operation];
    [&destination[..], &mac(from), &head, &mac(from), &from, &target, &to].concat()
}

fn echo(kind: u8, from: [u8; 4], to: [u8; 4], identifier: u16, sequence: u16) -> Vec<u8> {
    let mut ip = [&[0x45, 0, 0, 84, 0, 0, 0x40, 0, 64, 1, 0, 0], &from[..], &to].concat();
    let sum = checksum(&ip);
    ip[10..12].copy_from_slice(&sum);
    let payload: Vec<u8> = (0..56).collect();
    let mut icmp =
        [&[kind, 0, 0, 0][..], &identifier.to_be_bytes(), &sequence.to_be_bytes(), &payload].concat();
    let sum = checksum(&icmp);
    icmp[2..4].copy_from_slice(&sum);
    [&mac(to)[..], &mac(from), &[0x08, 0x00], &ip, &icmp].concat()
}

/// The Internet checksum (RFC 1071) of an even number of bytes.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let sum: u32 = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    (!(folded as u16 + (folded >> 16) as u16)).to_be_bytes()
}
