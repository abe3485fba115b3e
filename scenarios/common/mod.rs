//! What all scenarios use.

mod lab;
mod snapshot;

pub use lab::lab;
pub use snapshot::{assert_facts, assert_pictures};
