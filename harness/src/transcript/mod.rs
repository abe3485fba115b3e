//! The ordered frames of one capture, with owners' names in place of addresses.

mod any_echo;
mod claims;
mod ends;
mod line;
mod marker;
mod narrate;
mod owners;
mod parties;
mod transcribe;
mod words;

pub use claims::Claims;
pub use line::{Exchange, Line, Part};
pub use marker::Marker;
pub use narrate::narrate;
pub use owners::Owners;
pub use parties::Parties;
pub(crate) use transcribe::transcribe_untagged;
pub use transcribe::{Transcript, transcribe};

#[cfg(test)]
pub(crate) use marker::tests::echo as marker_echo;
