//! `lab completions`: what a shell completes after `lab`.

use std::process::ExitCode;

use clap::{Args, Command, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::{Cli, print_line::print_line};

#[derive(Args)]
pub struct Options {
    /// The shell.
    shell: Shell,
}

/// Prints the shell's script, made from this command's own definitions.
pub fn run(options: &Options) -> ExitCode {
    let mut script = Vec::new();
    generate(options.shell, &mut for_people(), "lab", &mut script);
    print_line(String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}

/// The command without what the scenarios call.
fn for_people() -> Command {
    let whole = Cli::command();
    let verbs = whole.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned();
    Command::new("lab").args(whole.get_arguments().cloned()).subcommands(verbs)
}
