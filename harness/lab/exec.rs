//! `lab ssh` and `lab exec`: commands on a lab's machines and in its containers.

use std::{os::unix::process::CommandExt as _, process::ExitCode};

use clap::Args;

use super::{lab_options::LabOptions, runtime::run_async};

#[derive(Args)]
pub struct SshOptions {
    #[command(flatten)]
    lab: LabOptions,
    /// The node.
    node: String,
    /// What to run there; without it, a shell.
    #[arg(last = true)]
    command: Vec<String>,
}

#[derive(Args)]
pub struct ExecOptions {
    #[command(flatten)]
    lab: LabOptions,
    /// The host, a node or a container.
    name: String,
    /// What to run there.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// Becomes ssh.
pub fn ssh(options: &SshOptions) -> miette::Result<ExitCode> {
    become_command_of(&options.lab, &options.node, &options.command)
}

/// Becomes the command, wherever it runs. On the host of a lab in namespaces it sees the host's network and
/// this machine's files.
pub fn exec(options: &ExecOptions) -> miette::Result<ExitCode> {
    become_command_of(&options.lab, &options.name, &options.command)
}

fn become_command_of(options: &LabOptions, name: &str, words: &[String]) -> miette::Result<ExitCode> {
    let settings = options.settings()?;
    let mut command = run_async(async {
        let lab = options.standing(&settings).await?;
        lab.command(&settings, name, words).map_err(miette::Report::from)
    })??;
    let error = command.exec();
    Err(miette::miette!("failed to run {:?}: {error}", command.get_program()))
}
