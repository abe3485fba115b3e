//! What a scenario sends.

mod ping;

pub use ping::{Outcome, Ping, PingReport, Pinging};
