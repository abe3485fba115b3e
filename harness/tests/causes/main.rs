//! Recorded faults with other facts: what names a cause, and what does not.

mod addresses;
mod altered;
mod answers;
mod filters;
mod modes;
#[path = "../recorded/mod.rs"]
mod recorded;
mod switch;
mod vlans;
