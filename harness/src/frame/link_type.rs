//! The link layers that are read.

use pcap_parser::Linktype;

/// What a record's bytes begin with (pcap-linktype(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// An Ethernet header: `LINKTYPE_ETHERNET`, 1.
    Ethernet,
    /// Linux's "cooked" header, as `tcpdump -i any` wrote it before libpcap 1.10: `LINKTYPE_LINUX_SLL`, 113.
    LinuxSll,
    /// Its second version, with the interface's index: `LINKTYPE_LINUX_SLL2`, 276.
    LinuxSll2,
}

impl LinkType {
    pub(super) const ALL: [Self; 3] = [Self::Ethernet, Self::LinuxSll, Self::LinuxSll2];

    pub(super) fn new(number: i32) -> Option<Self> {
        match Linktype(number) {
            Linktype::ETHERNET => Some(Self::Ethernet),
            Linktype::LINUX_SLL => Some(Self::LinuxSll),
            Linktype::LINUX_SLL2 => Some(Self::LinuxSll2),
            _ => None,
        }
    }

    /// The number in the file.
    pub(super) fn number(self) -> i32 {
        let link_type = match self {
            Self::Ethernet => Linktype::ETHERNET,
            Self::LinuxSll => Linktype::LINUX_SLL,
            Self::LinuxSll2 => Linktype::LINUX_SLL2,
        };
        link_type.0
    }
}
