//! Whether somebody uses Vagrant's machines.

use std::{
    fs::{self, File, TryLockError},
    io,
};

use super::{VagrantError, environment::Environment};
use crate::provider::FileLock;

/// Beside Vagrant's own record of the machines. Every lab that uses them has it locked, however many there are.
fn open() -> io::Result<File> {
    let state = Environment::state();
    fs::create_dir_all(&state)?;
    File::options().create(true).append(true).open(state.join("in-use"))
}

/// Says that the machines are used until what is returned is dropped.
///
/// # Errors
/// Where somebody is destroying them.
pub(super) fn use_machines() -> Result<FileLock, VagrantError> {
    locked(FileLock::shared)
}

/// Keeps others from using the machines until what is returned is dropped.
///
/// # Errors
/// Where somebody uses them.
pub(super) fn keep_from_use() -> Result<FileLock, VagrantError> {
    locked(FileLock::exclusive)
}

fn locked(lock: impl FnOnce(File) -> Result<FileLock, TryLockError>) -> Result<FileLock, VagrantError> {
    let failed = || VagrantError::io("lock Vagrant's machines");
    match lock(open().map_err(failed())?) {
        Ok(lock) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(VagrantError::InUse),
        Err(TryLockError::Error(error)) => Err(failed()(error)),
    }
}
