//! What the environment asks for.

use std::{
    env::{self, VarError},
    io,
    num::NonZeroU32,
    str::FromStr,
};

use camino::{Utf8Path, Utf8PathBuf, absolute_utf8};

use super::jobs;
use crate::{
    provider::{Provider, UnknownProvider},
    topology::{Topology, TopologyError},
};

/// The lab that a run wants, and where its files go.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `LAB`: the provider.
    pub provider: Provider,
    /// `LAB_TOPOLOGY`, or the tutorial's: the file.
    pub topology_path: Utf8PathBuf,
    /// What that file says.
    pub topology: Topology,
    /// `LAB_RUNS`, or the suite's own: the folder that gets a folder for each run.
    pub runs: Utf8PathBuf,
    /// `LAB_SSH_CONFIG`: the file with the aliases of machines that exist already.
    pub ssh_config: Option<Utf8PathBuf>,
    /// `LAB_ARM`: the scenarios, by name, that may hurt others on machines that exist already.
    pub armed: Vec<String>,
    /// `LAB_JOBS`, or what fits this machine: how many labs the run may have at once. Machines that outlive the lab are there
    /// once.
    pub jobs: NonZeroU32,
    /// The `lab` command, which holds the lab.
    pub lab_command: Utf8PathBuf,
}

/// An environment that asks for something that is not there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum SettingsError {
    /// `LAB` names no provider.
    #[error("LAB is not understood: {0}")]
    Provider(UnknownProvider),
    /// A variable is no text.
    #[error("{name} is not valid UTF-8")]
    NotUnicode {
        /// The variable.
        name: &'static str,
    },
    /// `LAB_JOBS` is no number of labs.
    #[error("{} is not understood: {asked:?} is no number of labs", jobs::VARIABLE)]
    #[diagnostic(help("1 and more are; without it there are as many as fit the machine"))]
    Jobs {
        /// What it says.
        asked: String,
    },
    /// A relative path has no beginning.
    #[error("the folder that this runs in can't be told")]
    NoFolder {
        /// Why.
        source: io::Error,
    },
    /// The file of aliases can't be read.
    #[error("failed to read the ssh_config {path}")]
    #[diagnostic(help("LAB_SSH_CONFIG names it"))]
    SshConfig {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The topology can't be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Topology(#[from] TopologyError),
}

impl Settings {
    /// Reads the environment and the topology file. Nothing else is touched.
    ///
    /// # Errors
    /// A lab that does not exist or a topology that can't be used.
    pub fn from_environment(
        default_topology: &Utf8Path,
        runs: &Utf8Path,
        lab_command: &Utf8Path,
    ) -> Result<Self, SettingsError> {
        let provider = match variable("LAB")? {
            None => Provider::default(),
            Some(name) => Provider::from_str(&name).map_err(SettingsError::Provider)?,
        };
        let asked = variable("LAB_TOPOLOGY")?.map_or_else(|| default_topology.to_owned(), Utf8PathBuf::from);
        let ssh_config = variable("LAB_SSH_CONFIG")?.map(Utf8PathBuf::from);
        let runs = &Self::runs(runs)?;
        Self::new(provider, &asked, runs, lab_command)?.with_ssh_config(ssh_config.as_deref())
    }

    /// The folder that gets a folder for each run: `LAB_RUNS`, or `own`.
    ///
    /// # Errors
    /// A variable that is no text, or a relative path without a beginning.
    pub fn runs(own: &Utf8Path) -> Result<Utf8PathBuf, SettingsError> {
        let runs = variable("LAB_RUNS")?.map_or_else(|| own.to_owned(), Utf8PathBuf::from);
        absolute_utf8(runs).map_err(|source| SettingsError::NoFolder { source })
    }

    /// The same, with another file of aliases.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn with_ssh_config(self, file: Option<&Utf8Path>) -> Result<Self, SettingsError> {
        let Some(file) = file else { return Ok(self) };
        let ssh_config = absolute_utf8(file).map_err(|source| SettingsError::NoFolder { source })?;
        if let Err(source) = std::fs::File::open(&ssh_config) {
            return Err(SettingsError::SshConfig { path: ssh_config, source });
        }
        Ok(Self { ssh_config: Some(ssh_config), ..self })
    }

    /// Reads the topology file. Nothing else is touched.
    ///
    /// # Errors
    /// A topology that can't be used.
    pub fn new(
        provider: Provider,
        topology: &Utf8Path,
        runs: &Utf8Path,
        lab_command: &Utf8Path,
    ) -> Result<Self, SettingsError> {
        let topology_path = absolute_utf8(topology).map_err(|source| SettingsError::NoFolder { source })?;
        Ok(Self {
            provider,
            topology: Topology::load(&topology_path)?,
            topology_path,
            runs: runs.to_owned(),
            ssh_config: None,
            armed: armed()?,
            jobs: jobs::of(provider, jobs_asked_for()?),
            lab_command: lab_command.to_owned(),
        })
    }
}

/// The scenarios that `LAB_ARM` names, with commas between.
fn armed() -> Result<Vec<String>, SettingsError> {
    let names = variable("LAB_ARM")?.unwrap_or_default();
    Ok(names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

fn jobs_asked_for() -> Result<Option<NonZeroU32>, SettingsError> {
    let asked = variable(jobs::VARIABLE)?;
    asked.map(|asked| asked.parse().map_err(|_| SettingsError::Jobs { asked })).transpose()
}

/// What the environment says; an empty variable says nothing.
fn variable(name: &'static str) -> Result<Option<String>, SettingsError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(SettingsError::NotUnicode { name }),
    }
}
