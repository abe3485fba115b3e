//! A run as one page to look at: no network and no script is needed to read it. No I/O.

mod chart;
mod difference;
mod ladder;
mod network;
mod page;
mod scenario;

pub use difference::Difference;
pub use page::RunReport;
pub use scenario::{Finding, Outcome, ScenarioReport};
