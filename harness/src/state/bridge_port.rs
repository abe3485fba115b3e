//! What `bridge` says.

use serde::Deserialize;

use crate::MacAddress;

/// A bridge's port (bridge(8), `bridge -d link`). What an older kernel lacks is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct BridgePort {
    /// Its interface.
    pub ifname: String,
    /// Spanning tree's word for what it does: `forwarding`, `listening`, `disabled`, …
    pub state: String,
    /// Whether frames may leave where they came in.
    pub hairpin: bool,
    /// Whether it learns where addresses are.
    pub learning: bool,
    /// Whether frames for unknown addresses leave by it.
    pub flood: bool,
    /// Whether it drops what comes from addresses that it does not know.
    pub locked: bool,
}

/// A line of a bridge's forwarding table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ForwardingEntry {
    /// Whom it is about.
    pub mac: MacAddress,
    /// Behind which interface that is.
    pub ifname: String,
    /// `permanent` is the interface's own; empty where it was learned.
    #[serde(default)]
    pub state: String,
}
