//! From captured bytes to frames. No I/O: everything here is tested from recorded captures.

mod arp;
mod decode;
mod echo;
mod kind;
mod pcap;

pub use arp::{Arp, ArpOperation};
pub use decode::{Content, Frame};
pub use echo::{Echo, EchoDirection};
pub use kind::Kind;
pub use pcap::{PcapError, PcapReader, Record};
