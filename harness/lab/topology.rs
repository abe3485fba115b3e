//! `lab topology`: a topology file as other programs read it.

use std::process::ExitCode;

use clap::Args;
use harness::topology::Topology;

use super::lab_options::TopologyFile;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    file: TopologyFile,
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let topology = Topology::load(options.file.path())?;
    let json = serde_json::to_string_pretty(&topology)
        .map_err(|error| miette::miette!("failed to print the topology as JSON: {error}"))?;
    println!("{json}");
    Ok(ExitCode::SUCCESS)
}
