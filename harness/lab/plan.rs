//! `lab plan`: what a run would do.

use std::process::ExitCode;

use clap::Args;
use harness::Plan;

use crate::{
    format::{Format, print_json},
    lab_options::LabOptions,
    print_line::print_line,
};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    lab: LabOptions,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let plan = Plan::of(&options.lab.settings()?);
    match options.format {
        Format::Text => print_line(plan),
        Format::Json => print_json(&plan)?,
    }
    Ok(ExitCode::SUCCESS)
}
