//! From a file to a topology.

use camino::Utf8Path;

use super::{
    Topology, TopologyError,
    error::Source,
    file::File,
    validate::{Purpose, validate},
};

impl Topology {
    /// Reads and checks a topology file. Nothing else is touched.
    ///
    /// # Errors
    /// Whatever is wrong with the file, with the offending text's place in it.
    pub fn load(path: &Utf8Path) -> Result<Self, TopologyError> {
        Self::parse(path.as_str(), &read(path)?)
    }

    /// Reads what a run was recorded with: machines that were there, whether or not a lab could be made of them.
    ///
    /// # Errors
    /// Whatever is wrong with the file, with the offending text's place in it.
    pub fn load_recorded(path: &Utf8Path) -> Result<Self, TopologyError> {
        checked(path.as_str(), &read(path)?, Purpose::Reading)
    }

    /// Checks a topology's text; `name` is what errors call it.
    ///
    /// # Errors
    /// Whatever is wrong with the text, with the offending part's place in it.
    pub fn parse(name: &str, text: &str) -> Result<Self, TopologyError> {
        checked(name, text, Purpose::Making)
    }
}

fn read(path: &Utf8Path) -> Result<String, TopologyError> {
    std::fs::read_to_string(path)
        .map_err(|source| TopologyError::Unreadable { path: path.to_owned(), source })
}

fn checked(name: &str, text: &str, purpose: Purpose) -> Result<Topology, TopologyError> {
    let source = Source::new(name, text);
    let file: File = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    validate(file, &source, purpose)
}
