//! The `lab` command.

mod keep;

use clap::{Parser, Subcommand};

/// Labs for macvlan between machines.
#[derive(Parser)]
#[command(name = "lab", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hold a lab for a test run. The scenarios call this; it needs what they hand down.
    #[command(hide = true)]
    Keep(keep::Options),
}

fn main() -> miette::Result<()> {
    match Cli::parse().command {
        Command::Keep(options) => keep::run(options),
    }
}
