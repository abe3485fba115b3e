//! From captured bytes to frames. No I/O: everything here is tested from recorded captures.

mod arp;
mod capture_reader;
mod content;
mod cooked;
mod datagram;
mod decode;
mod dhcp;
mod echo;
mod echo6;
mod error;
mod kind;
mod link_type;
mod neighbour;
mod packet;
mod pcap;
mod pcap_reader;
mod pcapng;
mod pending;
mod record;
mod time_resolution;

pub use arp::{Arp, ArpOperation};
pub use capture_reader::CaptureReader;
pub use content::Content;
pub use cooked::{Cooked, Direction};
pub use datagram::Datagram;
pub use decode::Frame;
pub use dhcp::Dhcp;
pub use echo::{Echo, EchoDirection};
pub use echo6::Echo6;
pub use error::PcapError;
pub use kind::Kind;
pub use link_type::LinkType;
pub use neighbour::{Neighbour, NeighbourMessage};
pub use packet::{Link, Packet};
pub use pcap_reader::PcapReader;
pub use record::Record;
