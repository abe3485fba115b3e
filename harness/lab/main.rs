//! The `lab` command.

mod decode;
mod doctor;
mod image;
mod keep;
mod print_line;

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
    /// Tell what captures say: their frames in names, as tcpdump prints them, or as JSON.
    ///
    /// Exits with 1 where a capture is unreadable or damaged, after what came before the damage.
    Decode(decode::Options),
    /// Check what a lab needs on this machine, and say how to get what is missing.
    Doctor(doctor::Options),
    /// Build the virtual machines' image, or list those that there are.
    #[command(subcommand)]
    Image(image::Command),
    /// Hold a lab for a test run. The scenarios call this; it needs what they hand down.
    #[command(hide = true)]
    Keep(keep::Options),
}

fn main() -> miette::Result<std::process::ExitCode> {
    // Names, paths and commands in an error are to be copied: no line is broken.
    miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())))?;
    match Cli::parse().command {
        Command::Decode(options) => decode::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Image(command) => image::run(command),
        Command::Keep(options) => keep::run(options),
    }
}
