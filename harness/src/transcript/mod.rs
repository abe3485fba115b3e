//! The ordered frames of one capture, with owners' names in place of addresses.

mod any_echo;
mod claims;
mod ends;
mod exchange;
mod flags;
mod letter;
mod line;
mod marker;
mod names;
mod narrate;
mod owners;
mod parties;
mod say;
mod saying;
mod stable_names;
mod text;
mod told;
mod transcribe;
mod transcripts;
mod vocabulary;

pub use claims::Claims;
pub use exchange::{Exchange, Part};
pub use line::Line;
pub use marker::Marker;
pub use narrate::narrate;
pub use owners::Owners;
pub use parties::Parties;
pub use text::Text;
pub(crate) use told::{Told, Words};
pub use transcribe::transcribe;
pub(crate) use transcribe::transcribe_untagged;
pub use transcripts::{Transcript, Transcripts};
pub(crate) use vocabulary::{Name, Numbered, Vocabulary, number};

#[cfg(test)]
pub(crate) use marker::tests::echo as marker_echo;
