//! A lab as a scenario sees it: leased, used, and given back.

mod endpoint;
mod error;
mod facts;
mod lease;
mod protocol;
mod runner;
mod settings;

pub use endpoint::Endpoint;
pub use error::LabError;
pub use facts::Facts;
pub use lease::Lab;
pub use protocol::Event;
pub use settings::{Settings, SettingsError};

pub(crate) use protocol::{FromKeeper, Grant, Hello, Refusal, read_message, write_message};
pub(crate) use runner::{LISTENER_FD, RUNNER_FD};
