//! `lab topology`: a topology file as other programs read it.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;
use harness::topology::Topology;

#[derive(Args)]
pub struct Options {
    /// The topology file.
    #[arg(long, env = "LAB_TOPOLOGY", default_value = "fixtures/topologies/lab.toml")]
    topology: Utf8PathBuf,
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let topology = Topology::load(&options.topology)?;
    let json = serde_json::to_string_pretty(&topology)
        .map_err(|error| miette::miette!("failed to print the topology as JSON: {error}"))?;
    println!("{json}");
    Ok(ExitCode::SUCCESS)
}
