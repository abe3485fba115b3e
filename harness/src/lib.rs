//! The library behind macvlan-e2e: it makes a lab of two machines on a LAN, captures at every
//! vantage point at once, and turns the frames into a picture that a snapshot can hold.
//!
//! Data flows one way: a [`topology`] goes to a provider, which makes machines; scenarios lease
//! the [`lab`], set up containers, [`capture`], stimulate, and get [`frame`]s, [`transcript`]s and
//! a [`picture`] back.

pub mod capture;
pub mod container;
pub mod diagnose;
pub mod diagnosis;
pub mod dissection;
pub mod frame;
pub mod gate;
pub mod journey;
pub mod keeper;
pub mod lab;
pub mod ladder;
pub mod machine;
pub mod picture;
pub mod provider;
pub mod report;
pub mod run_folder;
pub mod scenario;
pub mod state;
pub mod stimulus;
pub mod topology;
pub mod transcript;
pub mod vantage_point;

mod first_word;
mod json_line;
mod mac_address;
mod plan;
mod progress;
mod visible;

pub use json_line::JsonLine;
pub use mac_address::{MacAddress, ParseMacAddressError};
pub use plan::Plan;
pub use progress::Progress;
pub use visible::visible;
