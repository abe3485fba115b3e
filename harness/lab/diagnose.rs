//! `lab diagnose`: where packets die between two places that already run, and why.

use std::process::ExitCode;

use camino::{Utf8PathBuf, absolute_utf8};
use clap::Args;
use harness::{
    diagnose::{Examination, Request, Target, examine},
    lab::{Standing, StandingLab},
};
use miette::IntoDiagnostic as _;

use super::{
    examination::{Format, print},
    exit_code,
    lab_options::{LabName, runs},
    runtime::run_async,
};

#[derive(Args)]
pub struct Options {
    /// One end: ALIAS:CONTAINER, where the container is a namespace's name, a process id, a namespace's path or pod:ID;
    /// or ALIAS alone for the node itself.
    one: Target,
    /// The other end.
    other: Target,
    /// The file with the nodes' aliases. Without one: that of the lab that is up, if both are its nodes; else the usual
    /// ones.
    #[arg(long, env = "LAB_SSH_CONFIG", hide_env_values = true)]
    ssh_config: Option<Utf8PathBuf>,
    #[command(flatten)]
    lab: LabName,
    /// The macvlan interface, where a container has several.
    #[arg(long)]
    interface: Option<String>,
    /// How many echo requests are sent each way.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    probes: u32,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Diagnoses; the exit code is the verdict.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let found = match diagnose(options) {
        Ok(found) => found,
        Err(report) => return Ok(exit_code::of_refusal(&report)),
    };
    print(&found, options.probes, options.format)
}

fn diagnose(options: &Options) -> miette::Result<Examination> {
    let given = options.ssh_config.as_deref().filter(|path| !path.as_str().is_empty());
    let given = given.map(absolute_utf8).transpose().into_diagnostic()?;
    run_async(async {
        let ssh_config = match given {
            Some(given) => Some(given),
            None => of_standing_lab(options).await?,
        };
        let request = Request {
            ends: [options.one.clone(), options.other.clone()],
            interface: options.interface.clone(),
            ssh_config,
            probes: options.probes,
            runs: runs()?,
        };
        Ok(examine(&request).await?)
    })?
}

/// The aliases of the lab that `lab up` brought up, if it is meant.
async fn of_standing_lab(options: &Options) -> miette::Result<Option<Utf8PathBuf>> {
    let Standing::Up(lab) = StandingLab::find(&options.lab.address()?).await? else { return Ok(None) };
    let aliases = lab.aliases();
    if [&options.one, &options.other].iter().any(|end| !aliases.contains(&end.alias)) {
        return Ok(None);
    }
    if let Some(scenario) = lab.lent_to() {
        miette::bail!(
            help = "`lab status` says when it has it no more; --ssh-config FILE diagnoses other machines",
            "the scenario {scenario} has the lab that is up"
        );
    }
    eprintln!("in the {} lab that is up", lab.facts().provider);
    lab.ssh_config().map(Some).map_err(miette::Report::from)
}
