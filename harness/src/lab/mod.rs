//! A lab as a scenario sees it: leased, used, and given back; and as a person does, standing.

mod by_hand;
mod conversation;
mod endpoint;
mod error;
mod facts;
mod jobs;
mod keeper_name;
mod lease;
mod machines;
mod need;
mod outside;
mod pool;
mod protocol;
mod reboot;
mod run_folder;
mod runner;
mod settings;
mod ssh_connection;
mod standing;
mod start_keeper;

pub use by_hand::Reset;
pub use endpoint::Endpoint;
pub use error::LabError;
pub use facts::Facts;
pub use keeper_name::LabAddress;
pub use lease::Lease;
pub use machines::Lab;
pub use need::Need;
pub use protocol::{ContainersSeen, Event};
pub use run_folder::run_folder;
pub use settings::{Settings, SettingsError};
pub use ssh_connection::SshConnection;
pub use standing::{Standing, StandingLab};

pub(crate) use protocol::{
    FromKeeper, Grant, Refusal, Request, Seen, Take, Wanted, read_message, write_message,
};
pub(crate) use runner::{LISTENER_FD, RUNNER_FD};
