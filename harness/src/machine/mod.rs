//! The only module that runs commands: on nodes over SSH, on the host in the lab's own namespaces.

mod command;
mod error;
mod patience;
mod running;
mod script;

pub use command::{Machine, Output};
pub use error::{CommandError, Failure};
pub use patience::Patience;
pub use running::Running;
pub use script::Script;

pub(crate) use command::ADMINISTRATORS_PATH;
pub(crate) use error::chain;
pub(crate) use script::{quoted, sweep};
