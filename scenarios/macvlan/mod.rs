//! What macvlan promises, and what it refuses. What other users of the nodes or of the switch would notice is in `hazardous`.

mod ipv6;
mod isolation;
mod lifecycle;
mod matrix;
mod modes;
mod neighbours;
mod newcomers;
mod payloads;
mod refusals;
mod runtimes;
mod segment;
mod vlan;
