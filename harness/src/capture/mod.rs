//! Captures at vantage points: from "it is capturing" to "it is drained", and whether they are
//! good enough to judge by.

mod captures;
mod closing;
mod controls;
mod error;
mod evidence;
mod hearing;
mod judging;
mod last_words;
mod live;
mod notes;
mod recording;
mod scope;
mod tcpdump;

pub(crate) use closing::Sent;

pub use captures::Captures;
pub use error::CaptureError;
pub use evidence::Evidence;
pub use live::LiveCapture;
pub use notes::Notes;
pub use recording::{Pictures, Recording};

pub(crate) use captures::marker_command;
pub(crate) use scope::command;
