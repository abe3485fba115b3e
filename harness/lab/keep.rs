//! `lab keep`: the process that holds a lab.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;
use harness::{
    keeper::{KeepOptions, keep, log_to_stdout},
    provider::Provider,
};

#[derive(Args)]
pub struct Options {
    /// What makes the lab.
    #[arg(long)]
    lab: Provider,
    /// The lab's topology file.
    #[arg(long)]
    topology: Utf8PathBuf,
    /// The folder for the machines' logs.
    #[arg(long)]
    run: Utf8PathBuf,
    /// The file with the aliases of machines that exist already.
    #[arg(long)]
    ssh_config: Option<Utf8PathBuf>,
    /// Hold the lab until `lab down`.
    #[arg(long)]
    standing: bool,
}

pub fn run(options: Options) -> miette::Result<ExitCode> {
    log_to_stdout();
    let Options { lab, topology, run, ssh_config, standing } = options;
    keep(&KeepOptions { provider: lab, topology, run, ssh_config, standing })?;
    Ok(ExitCode::SUCCESS)
}
