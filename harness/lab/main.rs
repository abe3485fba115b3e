//! The `lab` command.

mod doctor;
mod image;
mod keep;
mod topology;

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
    /// Check what a lab needs on this machine, and say how to get what is missing.
    Doctor(doctor::Options),
    /// Build the virtual machines' image, or list those that there are.
    #[command(subcommand)]
    Image(image::Command),
    /// Print a topology file, checked and complete, as JSON.
    Topology(topology::Options),
    /// Hold a lab for a test run. The scenarios call this; it needs what they hand down.
    #[command(hide = true)]
    Keep(keep::Options),
}

fn main() -> miette::Result<std::process::ExitCode> {
    // Names, paths and commands in an error are to be copied: no line is broken.
    miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())))?;
    match Cli::parse().command {
        Command::Doctor(options) => doctor::run(&options),
        Command::Image(command) => image::run(command),
        Command::Topology(options) => topology::run(&options),
        Command::Keep(options) => keep::run(options),
    }
}
