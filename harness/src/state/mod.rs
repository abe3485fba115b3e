//! What machines are like while frames pass them: links, addresses, routes, neighbours, bridge, filters.
//!
//! It is recorded as the tools print it, and read back as far as it is understood: whatever an older
//! or newer release does not print is not known, which is no error.

mod bridge_port;
mod gather;
mod kernel_log;
mod machine_state;
mod queue;
mod readable;
mod route;
mod ruleset;
mod states;
mod traffic_filter;

pub(crate) use gather::{Extent, UNREADABLE, gather, read, readings};
pub(crate) use kernel_log::complaints;
pub(crate) use states::understood;

pub use bridge_port::{BridgePort, ForwardingEntry};
pub use machine_state::MachineState;
pub use queue::Queue;
pub use route::Route;
pub use ruleset::{Drop, Ruleset};
pub use states::States;
pub use traffic_filter::TrafficFilter;
