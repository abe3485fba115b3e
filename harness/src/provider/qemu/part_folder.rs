//! A folder that something is built in.

use std::{
    fs::{self, File},
    io,
};

use camino::Utf8Path;
use camino_tempfile::Utf8TempDir;

/// Who makes or sweeps such folders has this file of the cache locked meanwhile.
const CACHE_LOCK: &str = ".lock";

/// A folder that becomes an image or a snapshot. Its lock tells whether somebody still builds in it: those that
/// nobody does are removed by the next build.
pub(super) struct PartFolder {
    folder: Utf8TempDir,
    _lock: File,
}

impl PartFolder {
    /// The beginning of such a folder's name.
    pub(super) const PREFIX: &str = ".building-";
    /// The file in it that is locked. It stays when the folder is whole.
    pub(super) const LOCK: &str = "lock";

    pub(super) fn make(cache: &Utf8Path) -> io::Result<Self> {
        let _cache_lock = lock(cache)?;
        remove_unlocked(cache)?;
        let folder = camino_tempfile::Builder::new().prefix(Self::PREFIX).tempdir_in(cache)?;
        let lock = File::create(folder.path().join(Self::LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Removes those that nobody builds in.
    pub(super) fn sweep(cache: &Utf8Path) -> io::Result<()> {
        let _cache_lock = lock(cache)?;
        remove_unlocked(cache)
    }

    pub(super) fn path(&self) -> &Utf8Path {
        self.folder.path()
    }

    /// Takes the place of what it was to be.
    pub(super) fn become_folder(self, folder: &Utf8Path) -> io::Result<()> {
        fs::rename(self.path(), folder)?;
        drop(self.folder.keep());
        Ok(())
    }
}

fn lock(cache: &Utf8Path) -> io::Result<File> {
    let lock = File::options().create(true).append(true).open(cache.join(CACHE_LOCK))?;
    lock.lock()?;
    Ok(lock)
}

fn remove_unlocked(cache: &Utf8Path) -> io::Result<()> {
    for entry in cache.read_dir_utf8()?.filter_map(Result::ok) {
        if entry.file_name().starts_with(PartFolder::PREFIX)
            && !is_locked(&entry.path().join(PartFolder::LOCK))
        {
            match fs::remove_dir_all(entry.path()) {
                // Whoever built in it is just removing it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
    }
    Ok(())
}

/// Nobody makes a folder without holding the cache's lock: one without a lock of its own was left by somebody killed.
fn is_locked(lock: &Utf8Path) -> bool {
    File::open(lock).is_ok_and(|lock| lock.try_lock().is_err())
}
