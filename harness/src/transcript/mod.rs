//! The ordered frames of one capture, with owners' names in place of addresses.

mod line;
mod marker;
mod owners;
mod parties;
mod transcribe;

pub use line::{Exchange, Line, Part};
pub use marker::Marker;
pub use owners::Owners;
pub use parties::Parties;
pub use transcribe::{Transcript, transcribe};
