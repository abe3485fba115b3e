//! What a wire does to which frames.

use std::net::Ipv4Addr;

use harness::MacAddress;
use serde::{Deserialize, Serialize};

/// One deed of a wire's. Of several rules that fit a frame the first is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The frames.
    pub which: Which,
    /// What happens to them.
    pub act: Act,
}

/// Some of the frames that pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Which {
    /// What they carry.
    pub kind: Kind,
    /// Where they are going.
    pub towards: Towards,
    /// The one of these, from 1; all of them where it is not said.
    pub nth: Option<usize>,
}

/// What a frame carries. The broadcasts that close captures are none of these but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// An ARP request.
    ArpRequest,
    /// An ARP reply.
    ArpReply,
    /// An ICMP echo request for one receiver.
    EchoRequest,
    /// An ICMP echo reply.
    EchoReply,
    /// Either echo.
    Echo,
    /// Any of them.
    Any,
    /// Whatever there is.
    All,
}

/// A wire's two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Towards {
    /// The node that it leads to.
    Node,
    /// The switch.
    Switch,
    /// Either.
    Both,
}

/// What happens to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// It is lost.
    Drop,
    /// It is lost if its IP packet is longer than so many bytes.
    DropLongerThan(usize),
    /// It arrives twice.
    Double,
    /// It arrives so many milliseconds later, and others go ahead of it.
    Delay(u64),
    /// It arrives behind the next one that goes the same way.
    FallBehind,
    /// Its last byte changes.
    Corrupt,
    /// It gets a VLAN tag (IEEE 802.1Q).
    Tag(u16),
    /// It is filled up to the least length of an Ethernet frame.
    Pad,
    /// A router with this MAC address passes it on.
    Route(MacAddress),
    /// The second address is put for the first where that is its source, and back where the second is its destination.
    Translate(Ipv4Addr, Ipv4Addr),
    /// This MAC address answers the ARP request, which goes no further.
    AnswerFor(MacAddress),
    /// This MAC address answers the ARP request too, before anybody else.
    AnswerBeside(MacAddress),
    /// This MAC address gives the same ARP reply, so many milliseconds behind.
    Repeat(MacAddress, u64),
}
