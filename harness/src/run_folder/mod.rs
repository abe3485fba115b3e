//! A folder of captures, a run's or anybody's, read to be judged.

mod captures;
mod error;
mod open;
mod probe;

pub use error::RunFolderError;
pub use open::RunFolder;
