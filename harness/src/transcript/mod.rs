//! The ordered frames of one capture, with owners' names in place of addresses.

mod any_echo;
mod ends;
mod line;
mod marker;
mod owners;
mod transcribe;
mod words;

pub use line::{Exchange, Line, Part};
pub use marker::Marker;
pub use owners::Owners;
pub use transcribe::{Transcript, transcribe};
