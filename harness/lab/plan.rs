//! `lab plan`: what a run would do.

use std::process::ExitCode;

use clap::Args;
use harness::Plan;

use crate::{lab_options::LabOptions, print_line::print_line};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    lab: LabOptions,
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    print_line(Plan::of(&options.lab.settings()?));
    Ok(ExitCode::SUCCESS)
}
