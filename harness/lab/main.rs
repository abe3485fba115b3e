//! The `lab` command.

mod decode;
mod diagnose;
mod doctor;
mod exec;
mod exit_code;
mod image;
mod keep;
mod lab_options;
mod plan;
mod print_line;
mod report;
mod runtime;
mod topology;
mod trace;
mod up;

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
    /// Say where packets die between two containers that already run, and why; nothing is changed there.
    ///
    /// Exits with 0 where the probes are answered, with 1 where one is not, with 3 where the evidence is not good
    /// enough to say, and with 2 where it can't be tried.
    Diagnose(diagnose::Options),
    /// Check what a lab needs on this machine, and say how to get what is missing.
    Doctor(doctor::Options),
    /// Build the virtual machines' image, or list those that there are.
    #[command(subcommand)]
    Image(image::Command),
    /// Print the commands and addresses that a run would use to look, change, capture and send; change nothing.
    Plan(plan::Options),
    /// Bring a lab up to work in by hand, with the topology's containers; test runs then use it.
    ///
    /// Run again, it sets up containers that are gone. It exits with 1 where the lab or its containers do not come up.
    Up(up::UpOptions),
    /// Say which lab is up.
    Status(up::Options),
    /// Open a shell, or run a command, on a node of the lab that is up.
    Ssh(exec::SshOptions),
    /// Run a command on the host, on a node or in a container of the lab that is up.
    Exec(exec::ExecOptions),
    /// End the lab that is up.
    Down(up::Options),
    /// Print a topology file, checked and complete, as JSON.
    Topology(topology::Options),
    /// Write a run's page, with a drawing of each scenario, and print where it is.
    Report(report::Options),
    /// Say where a recorded packet died, and why.
    ///
    /// Exits with 0 where the probe was answered, with 1 where it was not, and with 3 where the evidence is
    /// not good enough to say.
    Trace(trace::Options),
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
        Command::Down(options) => up::down(&options),
        Command::Topology(options) => topology::run(&options),
        Command::Report(options) => report::run(&options),
        Command::Trace(options) => trace::run(&options),
        Command::Keep(options) => keep::run(options),
    }
}
