//! What a scenario sends.

mod ping;
mod record;
mod stimuli;

pub(crate) use stimuli::Stimuli;

pub use ping::{Outcome, Ping, PingReport, Pinging};
pub use record::Stimulus;
