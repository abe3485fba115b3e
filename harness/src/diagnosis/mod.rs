//! Where a packet died and why: the place always exactly, the cause never wrongly. No I/O.

mod case;
mod cause;
mod code;
mod control;
mod explanation;
mod judge;
mod loss;
mod oddity;
mod place;
mod rules;
mod scene;
mod talk;
mod verdict;

pub use case::Case;
pub use cause::Cause;
pub use code::Code;
pub use control::{Control, ControlKind};
pub use explanation::Explanation;
pub use loss::{Loss, Sightings};
pub use place::{Happening, Place};
pub use verdict::{Failure, Judgement, Verdict};
