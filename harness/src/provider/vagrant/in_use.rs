//! Whether somebody uses Vagrant's machines.

use std::{
    fs::{self, File, TryLockError},
    io,
};

use super::{VagrantError, environment::Environment};

/// Beside Vagrant's own record of the machines. Every lab that uses them has it locked, however many there are.
fn open() -> io::Result<File> {
    let state = Environment::state();
    fs::create_dir_all(&state)?;
    File::options().create(true).append(true).open(state.join("in-use"))
}

/// Says that the machines are used for as long as what is returned is open.
///
/// # Errors
/// Where somebody is destroying them.
pub(super) fn use_machines() -> Result<File, VagrantError> {
    locked(File::try_lock_shared)
}

/// Keeps others from using the machines for as long as what is returned is open.
///
/// # Errors
/// Where somebody uses them.
pub(super) fn keep_from_use() -> Result<File, VagrantError> {
    locked(File::try_lock)
}

fn locked(lock: impl FnOnce(&File) -> Result<(), TryLockError>) -> Result<File, VagrantError> {
    let failed = || VagrantError::io("lock Vagrant's machines");
    let file = open().map_err(failed())?;
    match lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(VagrantError::InUse),
        Err(TryLockError::Error(error)) => Err(failed()(error)),
    }
}
