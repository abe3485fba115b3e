//! A folder that something is built in.

use std::{
    fs::{self, File, TryLockError},
    io,
};

use camino::Utf8Path;
use camino_tempfile::Utf8TempDir;

use crate::provider::FileLock;

/// A folder that becomes an image or a snapshot. Its lock tells whether somebody still builds in it: those that
/// nobody does are removed by the next build.
pub(super) struct PartFolder {
    folder: Utf8TempDir,
    _lock: FileLock,
}

impl PartFolder {
    /// The beginning of such a folder's name.
    pub(super) const PREFIX: &str = ".building-";
    /// The file in it that is locked. It stays when the folder is whole.
    pub(super) const LOCK: &str = "lock";

    pub(super) fn make(cache: &Utf8Path) -> io::Result<Self> {
        let _turn = turn(cache)?;
        remove_unlocked(cache)?;
        let folder = camino_tempfile::Builder::new().prefix(Self::PREFIX).tempdir_in(cache)?;
        let lock = FileLock::wait(File::create(folder.path().join(Self::LOCK))?)?;
        Ok(Self { folder, _lock: lock })
    }

    /// Removes those that nobody builds in. Where somebody is at it, or has stopped in the midst of it, that is not waited for.
    pub(super) fn sweep(cache: &Utf8Path) -> io::Result<()> {
        match FileLock::exclusive(File::open(cache)?) {
            Ok(_turn) => remove_unlocked(cache),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(super) fn path(&self) -> &Utf8Path {
        self.folder.path()
    }

    /// Takes the place of what it was to be. Whatever is there already and not whole is removed; where it is whole somebody
    /// else was quicker, and theirs stays.
    pub(super) fn become_folder(
        self,
        folder: &Utf8Path,
        is_whole: impl FnOnce(&Utf8Path) -> bool,
    ) -> io::Result<()> {
        let cache = folder.parent().unwrap_or(folder);
        let _turn = turn(cache)?;
        if is_whole(folder) {
            return Ok(());
        }
        remove(folder)?;
        fs::rename(self.path(), folder)?;
        drop(self.folder.keep());
        Ok(())
    }
}

/// The only one who makes, removes or moves a folder of the cache, until it is dropped.
fn turn(cache: &Utf8Path) -> io::Result<FileLock> {
    FileLock::wait(File::open(cache)?)
}

fn remove_unlocked(cache: &Utf8Path) -> io::Result<()> {
    for entry in cache.read_dir_utf8()?.filter_map(Result::ok) {
        if entry.file_name().starts_with(PartFolder::PREFIX)
            && !is_locked(&entry.path().join(PartFolder::LOCK))
            && let Err(error) = remove(entry.path())
        {
            // It may be another user's. It is in nobody's way.
            tracing::warn!(%error, folder = %entry.path(), "what a build has left can't be removed");
        }
    }
    Ok(())
}

/// Removes a folder, which whoever gave its build up may be doing as well.
fn remove(folder: &Utf8Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// One without a lock is nobody's: whoever makes or moves one has the turn.
fn is_locked(lock: &Utf8Path) -> bool {
    File::open(lock).is_ok_and(|lock| FileLock::exclusive(lock).is_err())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Barrier, thread};

    use super::*;

    const FILE: &str = "root.img";

    fn cache() -> Utf8TempDir {
        camino_tempfile::tempdir().unwrap()
    }

    fn is_whole(folder: &Utf8Path) -> bool {
        folder.join(FILE).exists()
    }

    fn names(cache: &Utf8TempDir) -> Vec<String> {
        let entries =
            cache.path().read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    /// Builds an image whose files say who built it.
    fn build(cache: &Utf8Path, who: &str) {
        let part = PartFolder::make(cache).unwrap();
        for file in ["kernel", FILE] {
            fs::write(part.path().join(file), who).unwrap();
        }
        part.become_folder(&cache.join("image"), is_whole).unwrap();
    }

    #[test]
    fn of_several_that_build_the_same_image_one_is_first_and_its_image_stays() {
        const BUILDERS: usize = 16;
        let (cache, all_built) = (cache(), Barrier::new(BUILDERS));
        let build_and_look = |who: usize| {
            let part = PartFolder::make(cache.path()).unwrap();
            let image = cache.path().join("image");
            for file in ["kernel", FILE] {
                fs::write(part.path().join(file), who.to_string()).unwrap();
            }
            all_built.wait();
            part.become_folder(&image, is_whole).unwrap();
            ["kernel", FILE].map(|file| fs::read_to_string(image.join(file)).unwrap())
        };
        let seen: BTreeSet<_> = thread::scope(|scope| {
            let build_and_look = &build_and_look;
            let builders: Vec<_> =
                (0..BUILDERS).map(|who| scope.spawn(move || build_and_look(who))).collect();
            builders.into_iter().flat_map(|builder| builder.join().unwrap()).collect()
        });
        assert_eq!(seen.len(), 1, "all have seen one image, of one build: {seen:?}");
        assert_eq!(names(&cache), ["image"], "nothing else is left");
    }

    #[test]
    fn a_build_under_way_is_left_alone_by_another() {
        let cache = cache();
        let under_way = PartFolder::make(cache.path()).unwrap();
        fs::write(under_way.path().join("kernel"), "half").unwrap();
        build(cache.path(), "other");
        assert!(under_way.path().join("kernel").exists(), "somebody builds in it");
        under_way.become_folder(&cache.path().join("image"), is_whole).unwrap();
        assert_eq!(fs::read_to_string(cache.path().join("image/kernel")).unwrap(), "other", "it was first");
        assert_eq!(names(&cache), ["image"]);
    }

    #[test]
    fn nobody_who_sweeps_waits_for_another() {
        let cache = cache();
        let left = cache.path().join(format!("{}left", PartFolder::PREFIX));
        fs::create_dir(&left).unwrap();
        let turn = turn(cache.path()).unwrap();
        PartFolder::sweep(cache.path()).unwrap();
        assert!(left.exists(), "another has the turn");
        drop(turn);
        PartFolder::sweep(cache.path()).unwrap();
        assert!(!left.exists());
    }

    #[test]
    fn what_a_killed_build_has_left_is_removed_by_the_next() {
        let cache = cache();
        for name in ["locked-once", "never-locked"] {
            let left = cache.path().join(format!("{}{name}", PartFolder::PREFIX));
            fs::create_dir(&left).unwrap();
            fs::write(left.join(FILE), "half").unwrap();
            if name == "locked-once" {
                fs::write(left.join(PartFolder::LOCK), "").unwrap();
            }
        }
        build(cache.path(), "next");
        assert_eq!(names(&cache), ["image"]);
    }

    #[test]
    fn a_half_written_image_gives_way_to_a_whole_one() {
        let cache = cache();
        let half = cache.path().join("image");
        fs::create_dir(&half).unwrap();
        fs::write(half.join("kernel"), "half").unwrap();
        build(cache.path(), "whole");
        assert_eq!(fs::read_to_string(half.join("kernel")).unwrap(), "whole");
        assert_eq!(names(&cache), ["image"]);
    }
}
