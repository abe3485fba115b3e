//! The topology file as it is written, every value with its place in the text.

use camino::Utf8Path;
use serde::Deserialize;
use toml::Spanned;

use super::{Topology, TopologyError, error::Source, validate::validate};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub host: HostTable,
    pub node: Vec<NodeTable>,
    #[serde(default)]
    pub container: Vec<ContainerTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostTable {
    pub bridge: Spanned<String>,
    pub address: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeTable {
    pub name: Spanned<String>,
    pub uplink: Spanned<String>,
    pub address: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContainerTable {
    pub name: Spanned<String>,
    pub node: Spanned<String>,
    pub interface: Spanned<String>,
    pub mode: super::Mode,
    pub address: Spanned<String>,
    pub mac: Option<Spanned<String>>,
    #[serde(default)]
    pub reaches: Vec<Spanned<String>>,
}

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
