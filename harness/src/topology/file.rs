//! The topology file as it is written, every value with its place in the text.

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub host: Option<HostTable>,
    #[serde(default)]
    pub node: Vec<NodeTable>,
    #[serde(default)]
    pub container: Vec<ContainerTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostTable {
    pub bridge: Spanned<String>,
    pub address: Spanned<String>,
    pub ssh: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeTable {
    pub name: Spanned<String>,
    pub uplink: Spanned<String>,
    pub address: Spanned<String>,
    pub port: Option<Spanned<String>>,
    pub ssh: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContainerTable {
    pub name: Spanned<String>,
    pub node: Spanned<String>,
    pub interface: Spanned<String>,
    pub vlan: Option<Spanned<u16>>,
    pub mode: super::Mode,
    pub address: Spanned<String>,
    pub mac: Option<Spanned<String>>,
    #[serde(default)]
    pub reaches: Vec<Spanned<String>>,
}
