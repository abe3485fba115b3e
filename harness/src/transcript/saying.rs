//! What a frame says, before it is put into words.

use std::fmt;

use super::flags::Flags;
use crate::frame::{EchoDirection, Kind};

/// What a frame says, with names of one kind or another in place of addresses. What is usual is not said and so not in it.
/// Its [`Display`](fmt::Display) is tcpdump's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Saying<Name, Ping> {
    ArpRequest {
        target: Name,
        target_at: Option<Name>,
        sender: Name,
        sender_at: Option<Name>,
    },
    ArpReply {
        sender: Name,
        at: Name,
    },
    Echo {
        is_ipv4: bool,
        ends: Option<[Name; 2]>,
        direction: EchoDirection,
        ping: Ping,
        sequence: u16,
        hops: Option<u8>,
        checksum_holds: bool,
        is_altered: bool,
    },
    Neighbour {
        ends: Option<[Name; 2]>,
        is_solicitation: bool,
        target: Name,
        at: Option<Name>,
        flags: Option<Flags>,
        hops: Option<u8>,
        checksum_holds: bool,
    },
    Dhcp {
        ends: Option<[Name; 2]>,
        message: &'static str,
        about: Option<Name>,
        hops: Option<u8>,
    },
    Udp {
        ends: [Name; 2],
        ports: [u16; 2],
        length: usize,
        hops: Option<u8>,
    },
    Other(Kind),
}

impl<Name, Ping> Saying<Name, Ping> {
    /// The same with other names.
    pub(super) fn map<Other>(self, mut name: impl FnMut(Name) -> Other) -> Saying<Other, Ping> {
        match self {
            Self::ArpRequest { target, target_at, sender, sender_at } => Saying::ArpRequest {
                target: name(target),
                target_at: target_at.map(&mut name),
                sender: name(sender),
                sender_at: sender_at.map(name),
            },
            Self::ArpReply { sender, at } => Saying::ArpReply { sender: name(sender), at: name(at) },
            Self::Echo { is_ipv4, ends, direction, ping, sequence, hops, checksum_holds, is_altered } => {
                let ends = ends.map(|ends| ends.map(name));
                Saying::Echo { is_ipv4, ends, direction, ping, sequence, hops, checksum_holds, is_altered }
            }
            Self::Neighbour { ends, is_solicitation, target, at, flags, hops, checksum_holds } => {
                Saying::Neighbour {
                    ends: ends.map(|ends| ends.map(&mut name)),
                    is_solicitation,
                    target: name(target),
                    at: at.map(name),
                    flags,
                    hops,
                    checksum_holds,
                }
            }
            Self::Dhcp { ends, message, about, hops } => Saying::Dhcp {
                ends: ends.map(|ends| ends.map(&mut name)),
                message,
                about: about.map(name),
                hops,
            },
            Self::Udp { ends, ports, length, hops } => {
                Saying::Udp { ends: ends.map(name), ports, length, hops }
            }
            Self::Other(kind) => Saying::Other(kind),
        }
    }
}

impl<Name: fmt::Display, Ping: fmt::Display> fmt::Display for Saying<Name, Ping> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ArpRequest { target, target_at, sender, sender_at } => {
                write!(f, "ARP, Request who-has {target}")?;
                told(f, target_at, |f, at| write!(f, " ({at})"))?;
                write!(f, " tell {sender}")?;
                told(f, sender_at, |f, at| write!(f, " at {at}"))
            }
            Self::ArpReply { sender, at } => write!(f, "ARP, Reply {sender} is-at {at}"),
            Self::Echo { is_ipv4, ends, direction, ping, sequence, hops, checksum_holds, is_altered } => {
                let (version, protocol, limit) =
                    if *is_ipv4 { ("IP", "ICMP", "ttl") } else { ("IP6", "ICMP6,", "hlim") };
                let word = match direction {
                    EchoDirection::Request => "request",
                    EchoDirection::Reply => "reply",
                };
                told(f, ends, |f, [source, destination]| write!(f, "{version} {source} > {destination}: "))?;
                write!(f, "{protocol} echo {word}, id {ping}, seq {sequence}")?;
                told(f, hops, |f, hops| write!(f, ", {limit} {hops}"))?;
                f.write_str(if *checksum_holds { "" } else { ", wrong checksum" })?;
                f.write_str(if *is_altered { ", payload altered" } else { "" })
            }
            Self::Neighbour { ends, is_solicitation, target, at, flags, hops, checksum_holds } => {
                told(f, ends, |f, [source, destination]| write!(f, "IP6 {source} > {destination}: "))?;
                match is_solicitation {
                    true => write!(f, "ICMP6, neighbor solicitation, who has {target}")?,
                    false => write!(f, "ICMP6, neighbor advertisement, tgt is {target}")?,
                }
                told(f, at, |f, at| write!(f, " at {at}"))?;
                told(f, flags, |f, flags| write!(f, ", {flags}"))?;
                told(f, hops, |f, hops| write!(f, ", hlim {hops}"))?;
                f.write_str(if *checksum_holds { "" } else { ", wrong checksum" })
            }
            Self::Dhcp { ends, message, about, hops } => {
                told(f, ends, |f, [source, destination]| write!(f, "IP {source} > {destination}: "))?;
                write!(f, "DHCP, {message}")?;
                told(f, about, |f, about| write!(f, " {about}"))?;
                told(f, hops, |f, hops| write!(f, ", ttl {hops}"))
            }
            Self::Udp { ends: [source, destination], ports: [from, to], length, hops } => {
                write!(f, "IP {source}.{from} > {destination}.{to}: UDP, length {length}")?;
                told(f, hops, |f, hops| write!(f, ", ttl {hops}"))
            }
            Self::Other(kind) => kind.fmt(f),
        }
    }
}

/// Writes what is unusual, where it is.
fn told<T>(
    f: &mut fmt::Formatter<'_>,
    unusual: &Option<T>,
    write: impl FnOnce(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    unusual.as_ref().map_or(Ok(()), |unusual| write(f, unusual))
}
