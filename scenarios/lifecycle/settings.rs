//! Labs that share nothing with other tests.

use std::fs;

use camino::Utf8Path;
use camino_tempfile::NamedUtf8TempFile;
use harness::{lab::Settings, provider::Provider};

/// The lab of these tests. Its topology is a file of their own, so that they share no lab with
/// other tests of the same run.
pub(super) fn settings(provider: Provider, name: &str) -> Settings {
    let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"));
    let topology_path = folder.join(format!("lifecycle-{name}.toml"));
    // Other tests may be reading the same file: it is replaced as a whole.
    let topology = NamedUtf8TempFile::new_in(folder).expect("the folder can be written");
    fs::write(&topology, include_str!("../../fixtures/topologies/lab.toml"))
        .expect("the file can be written");
    topology.persist(&topology_path).expect("the file can be put in place");
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    Settings::new(provider, &topology_path, &runs, env!("CARGO_BIN_EXE_lab").into())
        .expect("the tutorial's topology is valid")
}
