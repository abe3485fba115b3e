//! The causes that there are rules for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A cause's name, in a form to search for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Code {
    /// A parent and its own child: there is no way between them.
    Isolation,
    /// The macvlan mode keeps the frame away.
    Mode,
    /// The switch drops what comes from a MAC address that is not the machine's own.
    ForgedTransmitsRejected,
    /// The switch delivers to a machine only what is for its own MAC address.
    PromiscuousRejected,
    /// The bridge's machine filters what it only bridges.
    BridgeNetfilter,
    /// An interface is up and has nothing at its other end.
    NoCarrier,
    /// An interface is down.
    LinkDown,
    /// A macvlan interface is down.
    ChildDown,
    /// An endpoint has no address.
    NoAddress,
    /// Nobody has the address that is asked for.
    NoSuchAddress,
    /// Whoever was asked does not know the way back.
    NoRouteBack,
    /// An endpoint's address is in another subnet.
    WrongSubnet,
    /// Two machines have one IP address.
    DuplicateIp,
    /// Two machines have one MAC address.
    DuplicateMac,
    /// Whoever is behind a macvlan interface uses another MAC address than it.
    MacMismatch,
    /// The sender believes the receiver at a MAC address that is no longer its own.
    StaleNeighbour,
    /// One machine answers for an address by two interfaces.
    ArpFlux,
    /// The frame is longer than a link on the way takes.
    MtuBlackHole,
    /// The ends do not use the same VLAN.
    VlanMismatch,
    /// The address is the asker's own: no frame is sent.
    OwnAddress,
    /// Spanning tree has not opened the port yet.
    StpListening,
    /// The port forwards nothing.
    PortNotForwarding,
    /// The capture repairs what it watches.
    WorksOnlyWhileCaptured,
    /// Somebody else answers for the address.
    ProxiedArp,
    /// The parent has no room for a broadcast to its children.
    BroadcastQueueOverflow,
    /// An interface, or its queue, dropped the frame.
    NicDrops,
    /// The parent's card filters by address, and was not told, or forgot, the child's.
    FilteredByCard,
    /// A filter dropped the frame on its way in.
    IngressDropped,
    /// A filter dropped it on its way out.
    EgressDropped,
    /// No rule is sure.
    Unknown,
}

impl fmt::Display for Code {
    /// As it is serialised.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
