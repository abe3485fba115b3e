//! A diagnosis of what already runs: it looks, captures and pings, and changes nothing.

mod discover;
mod error;
mod examine;
mod reach;
mod target;

pub use error::DiagnoseError;
pub use examine::{Examination, Request, examine};
pub use reach::reach;
pub use target::{ParseTargetError, Target};
