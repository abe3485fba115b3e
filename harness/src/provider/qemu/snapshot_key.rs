//! What must be alike for a saved machine to be the one that is wanted.

use std::{env, fs, io, os::unix::fs::MetadataExt as _, path::Path};

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The form of snapshots. It changes with what is in their folders, and with what is done between a boot and a freeze.
const FORMAT: u32 = 2;

/// All that is in a saved machine's memory, or that its memory depends on. A snapshot with another key is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SnapshotKey {
    format: u32,
    /// QEMU's own file. Its version is told by its monitor, and compared when a snapshot is loaded.
    qemu: FileIdentity,
    /// The processor's model and flags: a machine may have been told them.
    processor: String,
    /// The host's kernel, which says what its TAPs can do.
    kernel: String,
    /// The image's files.
    image: Vec<FileIdentity>,
    /// Each machine's command line, without the snapshot's own files.
    command_lines: Vec<Vec<String>>,
    /// Each node's own files but its keys, by their hash.
    seeds: Vec<String>,
    /// What is run before the freeze.
    warm_up: Vec<String>,
    /// What the machines are asked behind it: the answers are in the snapshot.
    questions: Vec<String>,
}

/// What a key is made of.
pub(super) struct Ingredients {
    pub image: Vec<Utf8PathBuf>,
    pub command_lines: Vec<Vec<String>>,
    /// Each node's own files, as bytes.
    pub seeds: Vec<Vec<u8>>,
    pub warm_up: Vec<String>,
    pub questions: Vec<String>,
}

/// A file, known by what changes with its contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileIdentity {
    path: Utf8PathBuf,
    /// In bytes.
    size: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
}

impl SnapshotKey {
    pub(super) fn of(ingredients: Ingredients, qemu: &str) -> io::Result<Self> {
        let image = ingredients.image.into_iter().map(FileIdentity::of).collect::<io::Result<_>>()?;
        Ok(Self {
            format: FORMAT,
            qemu: FileIdentity::of(found_in_path(qemu)?)?,
            processor: model_and_flags(&fs::read_to_string("/proc/cpuinfo")?),
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            image,
            command_lines: ingredients.command_lines,
            seeds: ingredients.seeds.iter().map(|seed| hexadecimal(&Sha256::digest(seed))).collect(),
            warm_up: ingredients.warm_up,
            questions: ingredients.questions,
        })
    }

    /// The name of the folder of its snapshot.
    pub(super) fn name(&self) -> String {
        // A structure of texts and numbers is always to be written.
        let text = serde_json::to_vec(self).unwrap_or_default();
        hexadecimal(&Sha256::digest(text))[..16].to_owned()
    }
}

impl FileIdentity {
    pub(super) fn of(path: Utf8PathBuf) -> io::Result<Self> {
        let path = path.canonicalize_utf8().map_err(|error| named(&path, &error))?;
        let metadata = fs::metadata(&path).map_err(|error| named(&path, &error))?;
        Ok(Self { path, size: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) })
    }

    /// The same file's identity, whatever folder it is in.
    pub(super) fn without_folder(self) -> Self {
        Self { path: self.path.file_name().unwrap_or_default().into(), ..self }
    }

    pub(super) fn path(&self) -> &camino::Utf8Path {
        &self.path
    }
}

/// An error that says of which file it is.
fn named(path: &camino::Utf8Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{path}: {error}"))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn found_in_path(program: &str) -> io::Result<Utf8PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| is_file(path));
    let found = found.and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("{program} is not in the PATH")))
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Of the first processor, in the words of `/proc/cpuinfo`.
fn model_and_flags(cpuinfo: &str) -> String {
    let line = |name: &str| cpuinfo.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    format!("{}\n{}", line("model name"), line("flags"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn ingredients() -> Ingredients {
        Ingredients {
            image: Vec::new(),
            command_lines: vec![vec!["-m".to_owned(), "256M".to_owned()]],
            seeds: vec![b"node-1".to_vec()],
            warm_up: vec!["true".to_owned()],
            questions: vec!["uname -r".to_owned()],
        }
    }

    fn key(change: impl FnOnce(&mut Ingredients)) -> SnapshotKey {
        let mut ingredients = ingredients();
        change(&mut ingredients);
        SnapshotKey::of(ingredients, "sh").unwrap()
    }

    #[test]
    fn whatever_is_in_the_memory_makes_another_key() {
        let folder = camino_tempfile::tempdir().unwrap();
        let image = folder.path().join("root");
        fs::write(&image, "one").unwrap();
        let with_image = |ingredients: &mut Ingredients| ingredients.image.push(image.clone());
        let mut keys = vec![
            key(|_| {}),
            key(|ingredients| ingredients.command_lines[0][1] = "512M".to_owned()),
            key(|ingredients| ingredients.seeds[0] = b"node-2".to_vec()),
            key(|ingredients| ingredients.warm_up[0] = "false".to_owned()),
            key(|ingredients| ingredients.questions[0] = "uname -m".to_owned()),
            key(with_image),
        ];
        fs::write(&image, "two").unwrap();
        fs::File::options().write(true).open(&image).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        keys.push(key(with_image));
        for (number, one) in keys.iter().enumerate() {
            assert!(keys[..number].iter().all(|other| other != one && other.name() != one.name()), "{one:?}");
        }
        assert_eq!(key(|_| {}), keys[0], "what is alike has the same key");
    }

    #[test]
    fn a_processor_is_its_model_and_its_flags() {
        let one = "processor\t: 0\nmodel name\t: A\ncpu MHz\t: 2000\nflags\t: fpu vme\n\nprocessor\t: 1\n";
        let later = one.replace("2000", "2100");
        assert_eq!(model_and_flags(one), model_and_flags(&later));
        assert_ne!(model_and_flags(one), model_and_flags(&one.replace("vme", "vmx")));
    }
}
