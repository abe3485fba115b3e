//! What a scenario sends.

mod ping;
mod record;

pub use ping::{Outcome, Ping, PingReport, Pinging};
pub use record::Stimulus;
