//! What all scenarios use.

#![allow(dead_code, unused_imports, reason = "no test target uses all of it")]

mod exchange;
mod lab;
mod pictures;
mod snapshot;

pub use exchange::{assert_reached, assert_unreached, hasten, see};
pub use lab::{LeasedLab, lab, lab_with_siblings};
pub use pictures::assert_pictures;
pub use snapshot::assert_snapshot;
