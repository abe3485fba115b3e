//! What all scenarios use.

mod lab;
mod pictures;
mod snapshot;

pub use lab::lab;
pub use pictures::assert_pictures;
pub use snapshot::assert_snapshot;
