//! From a file to a topology.

use camino::Utf8Path;

use super::{Topology, TopologyError, error::Source, file::File, validate::validate};

impl Topology {
    /// Reads and checks a topology file. Nothing else is touched.
    ///
    /// # Errors
    /// Whatever is wrong with the file, with the offending text's place in it.
    pub fn load(path: &Utf8Path) -> Result<Self, TopologyError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TopologyError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(path.as_str(), &text)
    }

    /// Checks a topology's text; `name` is what errors call it.
    ///
    /// # Errors
    /// Whatever is wrong with the text, with the offending part's place in it.
    pub fn parse(name: &str, text: &str) -> Result<Self, TopologyError> {
        let source = Source::new(name, text);
        let file: File = toml::from_str(text).map_err(|error| source.syntax(&error))?;
        validate(file, &source)
    }
}
