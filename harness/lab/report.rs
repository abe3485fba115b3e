//! `lab report`: a run as a page to look at.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;
use harness::report::RunReport;

use crate::{exit_code, lab_options::run_folder, print_line::print_line};

#[derive(Args)]
pub struct Options {
    /// A run's folder; `latest` is the last run's.
    #[arg(default_value = "latest")]
    run: Utf8PathBuf,
}

/// Writes the page into the run's folder and prints where it is.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let folder = match run_folder(&options.run) {
        Ok(folder) => folder,
        Err(report) => return Ok(exit_code::of_refusal(&report)),
    };
    let failed = |error: std::io::Error| miette::miette!("failed to report on {folder}: {error}");
    let page = RunReport::write_anew(&folder).map_err(failed)?;
    print_line(page);
    Ok(ExitCode::SUCCESS)
}
