//! A folder that something is built in.

use std::{
    fs::{self, File},
    io,
};

use camino::Utf8Path;
use camino_tempfile::Utf8TempDir;

const LOCK: &str = "lock";

/// A folder that becomes an image. Its lock tells whether somebody still builds in it: those that
/// nobody does are removed by the next build.
pub(super) struct PartFolder {
    folder: Utf8TempDir,
    _lock: File,
}

impl PartFolder {
    /// The beginning of such a folder's name.
    pub(super) const PREFIX: &str = ".building-";

    pub(super) fn make(cache: &Utf8Path) -> io::Result<Self> {
        for entry in cache.read_dir_utf8()?.filter_map(Result::ok) {
            if entry.file_name().starts_with(Self::PREFIX) && !is_locked(&entry.path().join(LOCK)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let folder = camino_tempfile::Builder::new().prefix(Self::PREFIX).tempdir_in(cache)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Utf8Path {
        self.folder.path()
    }

    /// Leaves what makes an image, and takes its place.
    pub(super) fn become_folder(self, folder: &Utf8Path) -> io::Result<()> {
        fs::remove_file(self.path().join(LOCK))?;
        fs::rename(self.path(), folder)?;
        drop(self.folder.keep());
        Ok(())
    }
}

/// A folder whose lock is missing is being made by somebody.
fn is_locked(lock: &Utf8Path) -> bool {
    File::open(lock).map_or(true, |lock| lock.try_lock().is_err())
}
