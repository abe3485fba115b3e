//! For people or for programs.

use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use serde::Serialize;

use super::print_line::print_line;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

/// Prints one JSON document.
pub fn print_json(value: &impl Serialize) -> miette::Result<()> {
    print_line(serde_json::to_string_pretty(value).into_diagnostic()?);
    Ok(())
}
