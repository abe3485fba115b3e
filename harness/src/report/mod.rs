//! A run as one page to look at: no network and no script is needed to read it.

mod chart;
mod difference;
mod gather;
mod judged;
mod ladder;
mod network;
mod page;
mod piece;
mod result;
mod scenario;

pub use difference::Difference;
pub use page::RunReport;
pub use result::{ScenarioResult, Source};
pub use scenario::Outcome;

use piece::Piece;
use scenario::{Finding, ScenarioReport};
