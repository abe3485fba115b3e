//! The `lab` command.

mod capture;
mod completions;
mod decode;
mod diagnose;
mod doctor;
#[cfg(test)]
mod document_commands;
#[cfg(test)]
mod documents;
mod examination;
mod exec;
mod exit_code;
mod format;
mod gate;
mod help;
mod image;
mod keep;
mod lab_options;
mod ping;
mod plan;
mod print_line;
mod reader_gone;
mod report;
mod reset;
mod runtime;
mod sweep;
mod topology;
mod trace;
mod up;

use clap::{Parser, Subcommand};

/// Labs for macvlan between machines.
#[derive(Parser)]
#[command(name = "lab", version, about, after_long_help = help::LAB)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tell what captures say: their frames in names, as tcpdump prints them, or as JSON.
    #[command(after_long_help = help::DECODE)]
    Decode(decode::Options),
    /// Say where packets die between two containers that already run, and why; nothing is changed there.
    #[command(after_long_help = help::DIAGNOSE)]
    Diagnose(diagnose::Options),
    /// Check what a lab needs on this machine, and say how to get what is missing.
    #[command(after_long_help = help::DOCTOR)]
    Doctor(doctor::Options),
    /// Build the virtual machines' image, or list those that there are.
    #[command(subcommand, after_long_help = help::IMAGE)]
    Image(image::Command),
    /// Print the commands and addresses that a run would use to look, change, capture and send; change nothing.
    #[command(after_long_help = help::PLAN)]
    Plan(plan::Options),
    /// Bring a lab up to work in by hand, with the topology's containers; test runs then use it.
    #[command(after_long_help = help::UP)]
    Up(up::UpOptions),
    /// Say which lab is up.
    #[command(after_long_help = help::STATUS)]
    Status(up::StatusOptions),
    /// Open a shell, or run a command, on a node of the lab that is up.
    #[command(after_long_help = help::SSH)]
    Ssh(exec::SshOptions),
    /// Run a command on the host, on a node or in a container of the lab that is up.
    #[command(after_long_help = help::EXEC)]
    Exec(exec::ExecOptions),
    /// Show what passes a vantage point of the lab that is up, as it comes.
    #[command(after_long_help = help::CAPTURE)]
    Capture(capture::Options),
    /// Send one ping in the lab that is up, capture it everywhere, and say where it went.
    #[command(after_long_help = help::PING)]
    Ping(ping::Options),
    /// Put the lab that is up back to what it was when it came up.
    #[command(after_long_help = help::RESET)]
    Reset(up::Options),
    /// Undo what killed runs have left on machines that outlive them.
    #[command(after_long_help = help::SWEEP)]
    Sweep(up::Options),
    /// End the lab that is up.
    #[command(after_long_help = help::DOWN)]
    Down(up::Options),
    /// Print a topology file, checked and complete, as JSON.
    #[command(after_long_help = help::TOPOLOGY)]
    Topology(topology::Options),
    /// Write a run's page, with a drawing of each scenario, and print where it is.
    #[command(after_long_help = help::REPORT)]
    Report(report::Options),
    /// Say whether all scenarios passed on all labs, and what has changed since the last time.
    #[command(after_long_help = help::GATE)]
    Gate(gate::Options),
    /// Say where a recorded packet died, and why.
    #[command(after_long_help = help::TRACE)]
    Trace(trace::Options),
    /// Print a shell's script for completing this command.
    #[command(after_long_help = help::COMPLETIONS)]
    Completions(completions::Options),
    /// Hold a lab for a test run. The scenarios call this; it needs what they hand down.
    #[command(hide = true)]
    Keep(keep::Options),
}

fn main() -> miette::Result<std::process::ExitCode> {
    // Names, paths and commands in an error are to be copied: no line is broken.
    miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())))?;
    match Cli::parse().command {
        Command::Decode(options) => decode::run(&options),
        Command::Diagnose(options) => diagnose::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Image(command) => image::run(command),
        Command::Plan(options) => plan::run(&options),
        Command::Up(options) => up::up(&options),
        Command::Status(options) => up::status(&options),
        Command::Ssh(options) => exec::ssh(&options),
        Command::Exec(options) => exec::exec(&options),
        Command::Capture(options) => capture::run(&options),
        Command::Ping(options) => ping::run(&options),
        Command::Reset(options) => reset::run(&options),
        Command::Sweep(options) => sweep::run(&options),
        Command::Completions(options) => Ok(completions::run(&options)),
        Command::Down(options) => up::down(&options),
        Command::Topology(options) => topology::run(&options),
        Command::Report(options) => report::run(&options),
        Command::Gate(options) => gate::run(&options),
        Command::Trace(options) => trace::run(&options),
        Command::Keep(options) => keep::run(options),
    }
}
