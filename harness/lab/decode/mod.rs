//! `lab decode`: what anybody's captures say.

mod records;
mod teller;
mod verb;

pub use verb::{Options, run};
