//! One captured frame's bytes.

use std::{sync::Arc, time::Duration};

use super::LinkType;

/// A record of a capture file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When the kernel saw it, since the Unix epoch, by the capturing machine's clock. Zero where the
    /// file does not say (pcapng's simple packet blocks).
    pub at: Duration,
    /// The frame's length on the wire, in bytes.
    pub original_length: u32,
    /// The captured bytes, from the link layer's header on; fewer than on the wire where a snaplen cut them.
    pub bytes: Vec<u8>,
    /// The link layer whose header they begin with.
    pub link_type: LinkType,
    /// The name of the interface that it was captured on, where the file has one (pcapng's `if_name`).
    pub interface: Option<Arc<str>>,
}
