//! The only module that runs commands: on nodes over SSH; on the host in the lab's own namespaces, here, or over SSH.

mod answers;
mod command;
mod error;
mod namespaces;
mod patience;
mod prepared;
mod record;
mod remedy;
mod round_trips;
mod running;
mod script;
mod tether;

pub use command::{Machine, Output};
pub use error::{CommandError, Failure};
pub use patience::Patience;
pub use running::Running;
pub use script::{Script, quoted};

pub(crate) use answers::Answers;
pub(crate) use error::{chain, chain_with_help};
pub(crate) use namespaces::ADMINISTRATORS_PATH;
pub(crate) use prepared::Prepared;
pub(crate) use record::Record;
pub(crate) use running::Reader;
