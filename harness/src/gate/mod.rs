//! Whether all scenarios pass on all chosen labs, and what has changed since it was asked last.

mod annotate;
mod compare;
mod gather;
mod markdown;
mod model;

pub use annotate::annotations;
pub use compare::{Change, Extent};
pub use model::{Gate, LabRun, Scenario};
