//! Which lab a command is about.

use camino::{Utf8Path, Utf8PathBuf, absolute_utf8};
use clap::Args;
use harness::{
    lab::{LabAddress, Settings, Standing, StandingLab},
    provider::Provider,
};

const TUTORIAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/topologies/lab.toml");

/// A lab's name: what makes it, from which file.
#[derive(Args)]
pub struct LabName {
    /// The lab: qemu, netns, vagrant or ssh.
    #[arg(long, env = "LAB", default_value = "qemu")]
    pub lab: Provider,
    #[command(flatten)]
    topology: TopologyFile,
}

#[derive(Args)]
pub struct TopologyFile {
    /// The file that describes the lab; the tutorial's, where none is given.
    #[arg(long, env = "LAB_TOPOLOGY", hide_env_values = true)]
    topology: Option<Utf8PathBuf>,
}

impl TopologyFile {
    pub fn path(&self) -> &Utf8Path {
        let given = self.topology.as_deref().filter(|path| !path.as_str().is_empty());
        given.unwrap_or(Utf8Path::new(TUTORIAL))
    }
}

#[derive(Args)]
pub struct LabOptions {
    #[command(flatten)]
    pub name: LabName,
    /// The file with the aliases of machines that exist already (ssh); the usual ones, where none is given.
    #[arg(long, env = "LAB_SSH_CONFIG", hide_env_values = true)]
    ssh_config: Option<Utf8PathBuf>,
}

impl LabName {
    /// Which lab is meant. The topology file may be broken by now, or gone.
    pub fn address(&self) -> miette::Result<LabAddress> {
        let topology_path = absolute_utf8(self.topology.path());
        let topology_path =
            topology_path.map_err(|error| miette::miette!("failed to tell this folder: {error}"))?;
        Ok(LabAddress { provider: self.lab, topology_path })
    }
}

impl LabOptions {
    /// Reads the topology. Nothing else is touched.
    pub fn settings(&self) -> miette::Result<Settings> {
        let settings =
            Settings::new(self.name.lab, self.name.topology.path(), &runs()?, &current_command()?)?;
        let ssh_config = self.ssh_config.as_deref().filter(|path| !path.as_str().is_empty());
        Ok(settings.with_ssh_config(ssh_config)?)
    }

    /// The lab that `lab up` brought up.
    pub async fn standing(&self, settings: &Settings) -> miette::Result<StandingLab> {
        match StandingLab::find(&settings.into()).await? {
            Standing::Up(lab) => Ok(*lab),
            _ => Err(self.nothing_is_up()),
        }
    }

    /// Says how to bring it up.
    pub fn nothing_is_up(&self) -> miette::Report {
        miette::miette!(
            help = format!("`lab up --lab {0}` brings it up", self.name.lab),
            "no {} lab is up",
            self.name.lab
        )
    }

    /// A folder for evidence, beside the test runs'.
    pub fn folder_for(&self, what: &str) -> miette::Result<Utf8PathBuf> {
        let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%SZ");
        let folder = runs()?.join(format!("{what}-{time}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| miette::miette!("failed to make {folder}: {error}"))?;
        Ok(folder)
    }
}

/// Where the test runs' folders are: as `LAB_RUNS` says; else in cargo's target folder, where this command was built; else, as it was
/// installed, in that of the folder that it is called in.
pub fn runs() -> miette::Result<Utf8PathBuf> {
    let command = current_command()?;
    let is_target = |folder: &&Utf8Path| folder.join("CACHEDIR.TAG").is_file();
    let target = command.ancestors().nth(2).filter(is_target).unwrap_or(Utf8Path::new("target"));
    Ok(Settings::runs(&target.join("e2e"))?)
}

/// A run's folder: `latest` is the last run's.
///
/// # Errors
/// Where it is not there.
pub fn run_folder(given: &Utf8Path) -> miette::Result<Utf8PathBuf> {
    let folder = if given == Utf8Path::new("latest") { runs()?.join("latest") } else { given.to_owned() };
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(miette::miette!(
        help = "`cargo test --test e2e` makes one; LAB_RUNS says where, if not in target/e2e",
        "there is no folder {folder} with a run in it"
    ))
}

fn current_command() -> miette::Result<Utf8PathBuf> {
    let path =
        std::env::current_exe().map_err(|error| miette::miette!("failed to find this command: {error}"))?;
    Utf8PathBuf::from_path_buf(path).map_err(|path| miette::miette!("{path:?} is not valid UTF-8"))
}
