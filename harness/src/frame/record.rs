//! One captured frame's bytes.

use std::{borrow::Cow, sync::Arc, time::Duration};

use super::LinkType;

/// A record of a capture file. Its bytes are the reader's own until they are kept ([`Record::into_owned`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// When the kernel saw it, since the Unix epoch, by the capturing machine's clock. Zero where the
    /// file does not say (pcapng's simple packet blocks).
    pub at: Duration,
    /// The frame's length on the wire, in bytes.
    pub original_length: u32,
    /// The captured bytes, from the link layer's header on; fewer than on the wire where a snaplen cut them.
    pub bytes: Cow<'a, [u8]>,
    /// The link layer whose header they begin with.
    pub link_type: LinkType,
    /// The name of the interface that it was captured on, where the file has one (pcapng's `if_name`).
    pub interface: Option<Arc<str>>,
}

impl Record<'_> {
    /// The same with bytes of its own, which outlive the reader's next step.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            at: self.at,
            original_length: self.original_length,
            bytes: Cow::Owned(self.bytes.into_owned()),
            link_type: self.link_type,
            interface: self.interface,
        }
    }
}
