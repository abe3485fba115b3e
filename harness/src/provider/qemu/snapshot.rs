//! A lab's machines as they were saved: a folder in the cache that is whole or not there.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    time::SystemTime,
};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    part_folder::PartFolder,
    snapshot_key::{FileIdentity, SnapshotKey, hexadecimal},
};
use crate::{machine::Answers, provider::FileLock};

/// How many are kept in a cache: those used last.
const KEPT: usize = 4;
/// Whoever makes a snapshot has this file of the cache locked.
const MAKING: &str = "making";
/// What a snapshot says of itself.
const MANIFEST: &str = "manifest.json";
/// Its time is that of the last use.
const USED: &str = "used";
const KEYS: &str = "keys";

/// A snapshot that is there. It is not evicted for as long as this, or its lock, lives.
pub(super) struct Snapshot {
    folder: Utf8PathBuf,
    lock: FileLock,
}

/// What is known of a snapshot's contents.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    key: SnapshotKey,
    /// The version of the QEMU that wrote it, as its monitor tells it.
    qemu: String,
    /// The machines' memories, disks and states.
    files: Vec<FileIdentity>,
    /// The hash of each state, by its file. A memory is too large to be read whole each time.
    states: BTreeMap<Utf8PathBuf, String>,
    answers: Answers,
}

/// What a snapshot that is as it was made says of itself.
#[derive(Debug)]
pub(super) struct Known {
    /// The version of the QEMU that wrote it.
    pub qemu: String,
    /// What its machines say when they are asked.
    pub answers: Answers,
}

/// A snapshot that is not what it was when it was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    #[error("its {MANIFEST} can't be read: {0}")]
    Manifest(io::Error),
    #[error("it was made of something else")]
    Key,
    #[error("its {0} is not there any more")]
    Missing(Utf8PathBuf),
    #[error("its {0} has changed since it was made")]
    Changed(Utf8PathBuf),
}

/// The files of one machine.
pub(super) struct Files {
    pub memory: Utf8PathBuf,
    pub disk: Utf8PathBuf,
    pub state: Utf8PathBuf,
}

impl Files {
    pub(super) fn of(node: &str, folder: &Utf8Path) -> Self {
        let file = |what: &str| folder.join(format!("{node}.{what}"));
        Self { memory: file("memory"), disk: file("disk.qcow2"), state: file("state") }
    }
}

impl Snapshot {
    /// The snapshot of this key, if there is one and nobody removes it.
    pub(super) fn find(cache: &Utf8Path, key: &SnapshotKey) -> io::Result<Option<Self>> {
        let folder = cache.join(key.name());
        let path = folder.join(PartFolder::LOCK);
        let lock = match File::open(&path) {
            Ok(file) => FileLock::shared(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let lock = match lock {
            Ok(lock) => lock,
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        };
        // Between the two it may have been evicted, and another made in its place.
        Ok(is_still(&path, &lock).then_some(Self { folder, lock }))
    }

    /// Makes sure that nothing has changed since it was made.
    pub(super) fn verify(&self, key: &SnapshotKey) -> Result<Known, Damage> {
        let text = fs::read(self.folder.join(MANIFEST)).map_err(Damage::Manifest)?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| Damage::Manifest(error.into()))?;
        if manifest.key != *key {
            return Err(Damage::Key);
        }
        for name in [KEYS, USED].map(Utf8PathBuf::from) {
            if !self.folder.join(&name).exists() {
                return Err(Damage::Missing(name));
            }
        }
        for made in &manifest.files {
            let name = made.path().to_owned();
            match FileIdentity::of(self.folder.join(&name)) {
                Ok(now) if now.clone().without_folder() == *made => {}
                Ok(_) => return Err(Damage::Changed(name)),
                Err(_) => return Err(Damage::Missing(name)),
            }
        }
        for (name, hash) in manifest.states {
            let state = fs::read(self.folder.join(&name)).map_err(|_| Damage::Missing(name.clone()))?;
            if hexadecimal(&Sha256::digest(state)) != hash {
                return Err(Damage::Changed(name));
            }
        }
        Ok(Known { qemu: manifest.qemu, answers: manifest.answers })
    }

    pub(super) fn files(&self, node: &str) -> Files {
        Files::of(node, &self.folder)
    }

    /// The folder of the keys that its machines know.
    pub(super) fn keys(&self) -> Utf8PathBuf {
        self.folder.join(KEYS)
    }

    /// Notes that it was used now.
    pub(super) fn note_use(&self) -> io::Result<()> {
        File::options().write(true).open(self.folder.join(USED))?.set_modified(SystemTime::now())
    }

    /// Takes it away, whoever uses it: most have its files open, and the others boot. Another that has taken its place
    /// meanwhile stays.
    pub(super) fn remove(self) -> io::Result<()> {
        match self.folder.parent() {
            Some(cache) if is_still(&self.folder.join(PartFolder::LOCK), &self.lock) => {
                take_away(cache, &self.folder)
            }
            _ => Ok(()),
        }
    }

    /// What keeps it from being evicted.
    pub(super) fn into_lock(self) -> FileLock {
        self.lock
    }
}

/// A snapshot that is being made.
pub(super) struct Draft {
    part: PartFolder,
    cache: Utf8PathBuf,
    key: SnapshotKey,
    _making: FileLock,
}

impl Draft {
    /// Begins a snapshot; `None` while somebody else makes one.
    pub(super) fn begin(cache: &Utf8Path, key: SnapshotKey) -> io::Result<Option<Self>> {
        let making = File::options().create(true).append(true).open(cache.join(MAKING))?;
        let making = match FileLock::exclusive(making) {
            Ok(making) => making,
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        };
        let part = PartFolder::make(cache)?;
        // Whoever has the keys, or a machine's memory, is let in by its machines.
        fs::set_permissions(part.path(), fs::Permissions::from_mode(0o700))?;
        Ok(Some(Self { part, cache: cache.to_owned(), key, _making: making }))
    }

    pub(super) fn files(&self, node: &str) -> Files {
        Files::of(node, self.part.path())
    }

    /// Where the keys belong.
    pub(super) fn keys(&self) -> Utf8PathBuf {
        self.part.path().join(KEYS)
    }

    /// Writes everything to the disk, puts the snapshot in its place, and evicts old ones.
    pub(super) fn finish(self, nodes: &[String], qemu: String, answers: Answers) -> io::Result<()> {
        // Somebody else may have made the same one just before.
        if let Some(theirs) = Snapshot::find(&self.cache, &self.key)?
            && theirs.verify(&self.key).is_ok()
        {
            return Ok(());
        }
        let mut manifest =
            Manifest { key: self.key, qemu, files: Vec::new(), states: BTreeMap::new(), answers };
        for node in nodes {
            let files = Files::of(node, self.part.path());
            let hash = hexadecimal(&Sha256::digest(fs::read(&files.state)?));
            for file in [&files.memory, &files.disk, &files.state] {
                fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
                File::open(file)?.sync_all()?;
                manifest.files.push(FileIdentity::of(file.clone())?.without_folder());
            }
            manifest.states.insert(files.state.file_name().unwrap_or_default().into(), hash);
        }
        let name = manifest.key.name();
        File::create(self.part.path().join(USED))?;
        let path = self.part.path().join(MANIFEST);
        fs::write(&path, serde_json::to_vec_pretty(&manifest)?)?;
        File::open(&path)?.sync_all()?;
        File::open(self.part.path())?.sync_all()?;
        let folder = self.cache.join(name);
        if folder.exists() {
            take_away(&self.cache, &folder)?;
        }
        self.part.become_folder(&folder, |_| false)?;
        File::open(&self.cache)?.sync_all()?;
        evict(&self.cache)
    }
}

/// Makes the cache where it is not there yet, and removes what was left of snapshots that nobody makes any more.
pub(super) fn tidy(cache: &Utf8Path) -> io::Result<()> {
    fs::create_dir_all(cache)?;
    PartFolder::sweep(cache)
}

/// Removes all but those used last, and those in use.
fn evict(cache: &Utf8Path) -> io::Result<()> {
    let mut snapshots: Vec<(SystemTime, Utf8PathBuf)> = Vec::new();
    for entry in cache.read_dir_utf8()?.filter_map(Result::ok) {
        if let Ok(used) = fs::metadata(entry.path().join(USED)).and_then(|used| used.modified())
            && !entry.file_name().starts_with(PartFolder::PREFIX)
        {
            snapshots.push((used, entry.into_path()));
        }
    }
    snapshots.sort_by(|one, other| other.cmp(one));
    for (_, folder) in snapshots.into_iter().skip(KEPT) {
        // One that is gone by now needs no eviction.
        let lock = File::open(folder.join(PartFolder::LOCK));
        if let Some(_lock) = lock.ok().and_then(|lock| FileLock::exclusive(lock).ok()) {
            take_away(cache, &folder)?;
        }
    }
    Ok(())
}

/// Removes a snapshot. It is renamed first, so that half of one is never found.
fn take_away(cache: &Utf8Path, folder: &Utf8Path) -> io::Result<()> {
    let part = PartFolder::make(cache)?;
    match fs::rename(folder, part.path().join("gone")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether a file is still the one that is locked.
fn is_still(path: &Utf8Path, lock: &FileLock) -> bool {
    let identity = |file: fs::Metadata| (file.dev(), file.ino());
    let (now, locked) = (fs::metadata(path).map(identity), lock.file().metadata().map(identity));
    now.is_ok_and(|now| locked.is_ok_and(|locked| now == locked))
}

#[cfg(test)]
mod tests {
    use camino_tempfile::Utf8TempDir;
    use rstest::rstest;

    use super::{
        super::snapshot_key::{Ingredients, tests::ingredients},
        *,
    };

    fn key(memory: &str) -> SnapshotKey {
        let command_lines = vec![vec!["-m".to_owned(), memory.to_owned()]];
        SnapshotKey::of(Ingredients { command_lines, ..ingredients() }, "sh").unwrap()
    }

    fn make(cache: &Utf8TempDir, key: SnapshotKey) -> Utf8PathBuf {
        let folder = cache.path().join(key.name());
        let draft = Draft::begin(cache.path(), key).unwrap().expect("nobody else makes one");
        let Files { memory, disk, state } = draft.files("node-1");
        for (file, contents) in [(memory, "memory"), (disk, "disk"), (state, "state")] {
            fs::write(file, contents).unwrap();
        }
        fs::create_dir(draft.keys()).unwrap();
        draft.finish(&["node-1".to_owned()], "7.2".to_owned(), Answers::default()).unwrap();
        folder
    }

    fn cache() -> Utf8TempDir {
        camino_tempfile::tempdir().unwrap()
    }

    /// Changes a file's contents, and leaves its time as it was.
    fn rewrite(path: &Utf8Path, contents: &str) {
        let time = fs::metadata(path).unwrap().modified().unwrap();
        fs::write(path, contents).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    /// Keys and memories let whoever has them in.
    #[test]
    fn one_is_its_owners_alone() {
        let cache = cache();
        let folder = make(&cache, key("256M"));
        let mode = |path: &Utf8Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&folder), 0o700);
        for file in ["memory", "disk.qcow2", "state"] {
            assert_eq!(mode(&folder.join(format!("node-1.{file}"))), 0o600, "{file}");
        }
    }

    #[test]
    fn one_that_is_whole_is_found_by_its_key_alone() {
        let cache = cache();
        make(&cache, key("256M"));
        let snapshot = Snapshot::find(cache.path(), &key("256M")).unwrap().expect("there is one");
        assert_eq!(snapshot.verify(&key("256M")).unwrap().qemu, "7.2");
        assert!(matches!(snapshot.verify(&key("512M")), Err(Damage::Key)));
        assert!(Snapshot::find(cache.path(), &key("512M")).unwrap().is_none(), "another command line");
    }

    #[rstest]
    #[case::truncated_memory("memory", "mem")]
    #[case::truncated_disk("disk.qcow2", "")]
    #[case::altered_state("state", "STATE")]
    fn one_that_has_changed_is_told(#[case] file: &str, #[case] contents: &str) {
        let cache = cache();
        let folder = make(&cache, key("256M"));
        rewrite(&folder.join(format!("node-1.{file}")), contents);
        let snapshot = Snapshot::find(cache.path(), &key("256M")).unwrap().expect("there is one");
        let damage = snapshot.verify(&key("256M")).unwrap_err();
        assert_eq!(damage.to_string(), format!("its node-1.{file} has changed since it was made"));
        snapshot.remove().unwrap();
        assert!(!folder.exists());
        make(&cache, key("256M"));
        assert!(Snapshot::find(cache.path(), &key("256M")).unwrap().is_some(), "another is made");
    }

    #[test]
    fn memory_that_was_written_to_or_is_gone_is_told() {
        let cache = cache();
        let folder = make(&cache, key("256M"));
        let snapshot = Snapshot::find(cache.path(), &key("256M")).unwrap().expect("there is one");
        let memory = File::options().write(true).open(folder.join("node-1.memory")).unwrap();
        memory.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(matches!(snapshot.verify(&key("256M")), Err(Damage::Changed(_))));
        fs::remove_file(folder.join("node-1.memory")).unwrap();
        assert!(matches!(snapshot.verify(&key("256M")), Err(Damage::Missing(_))));
        fs::remove_dir(folder.join(KEYS)).unwrap();
        assert!(matches!(snapshot.verify(&key("256M")), Err(Damage::Missing(name)) if name == KEYS));
        fs::remove_file(folder.join(MANIFEST)).unwrap();
        assert!(matches!(snapshot.verify(&key("256M")), Err(Damage::Manifest(_))));
    }

    #[test]
    fn one_that_was_not_finished_is_never_found_and_is_swept() {
        let cache = cache();
        let draft = Draft::begin(cache.path(), key("256M")).unwrap().expect("nobody else makes one");
        fs::write(draft.files("node-1").memory, "half").unwrap();
        assert!(Draft::begin(cache.path(), key("512M")).unwrap().is_none(), "one at a time");
        let part = draft.part.path().to_owned();
        // As processes leave theirs that are killed, at two instants.
        let left =
            ["left", "left-early"].map(|name| cache.path().join(format!("{}{name}", PartFolder::PREFIX)));
        left.iter().for_each(|folder| fs::create_dir(folder).unwrap());
        fs::write(left[0].join(PartFolder::LOCK), "").unwrap();
        tidy(cache.path()).unwrap();
        assert!(part.exists(), "it is being made");
        assert!(!left.iter().any(|folder| folder.exists()), "nobody makes those");
        assert!(Snapshot::find(cache.path(), &key("256M")).unwrap().is_none());
    }

    #[test]
    fn those_used_last_are_kept_and_those_in_use() {
        let cache = cache();
        let in_use = make(&cache, key("0"));
        let held = Snapshot::find(cache.path(), &key("0")).unwrap().expect("there is one");
        let folders: Vec<_> = (1..=6).map(|number| make(&cache, key(&number.to_string()))).collect();
        assert!(in_use.exists(), "it is in use");
        let left: Vec<_> = folders.iter().map(|folder| folder.exists()).collect();
        assert_eq!(left, [false, false, true, true, true, true]);
        drop(held);
        Snapshot::find(cache.path(), &key("3")).unwrap().expect("there is one").note_use().unwrap();
        make(&cache, key("7"));
        let left: Vec<_> = [&in_use, &folders[2], &folders[3]].map(|folder| folder.exists()).into();
        assert_eq!(left, [false, true, false]);
    }
}
