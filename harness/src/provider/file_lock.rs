//! A file's lock, from its taking to its end.

use std::{
    fs::{File, TryLockError},
    io,
};

/// A locked file (flock(2)). Its end is said, and not left to the closing of the file: each process that is being
/// started elsewhere has a copy of the open file, and the lock with it, until it becomes another program.
#[derive(Debug)]
pub(crate) struct FileLock(File);

impl FileLock {
    /// Waits until nobody else has the file locked.
    pub(super) fn wait(file: File) -> io::Result<Self> {
        file.lock()?;
        Ok(Self(file))
    }

    /// Locks the file unless somebody else has.
    pub(super) fn exclusive(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }

    /// Locks the file beside others that do the same, unless somebody has it for himself.
    pub(super) fn shared(file: File) -> Result<Self, TryLockError> {
        file.try_lock_shared()?;
        Ok(Self(file))
    }

    pub(super) fn file(&self) -> &File {
        &self.0
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_although_a_process_that_is_being_started_has_a_copy_of_the_file() {
        let file = camino_tempfile::NamedUtf8TempFile::new().unwrap();
        let open = || File::open(file.path()).unwrap();
        let lock = FileLock::exclusive(open()).unwrap();
        let _copy = lock.file().try_clone().unwrap();
        assert!(matches!(FileLock::shared(open()), Err(TryLockError::WouldBlock)), "it is locked");
        drop(lock);
        FileLock::shared(open()).expect("its lock has ended");
    }
}
