//! `lab doctor`: what a lab needs on this machine.

use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use harness::provider::{Provider, Requirement, requirements};

#[derive(Args)]
pub struct Options {
    /// The lab to check for.
    #[arg(long, env = "LAB", default_value = "qemu")]
    lab: Provider,
    /// Install what is missing, with apt, as root or through sudo.
    #[arg(long)]
    fix: bool,
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let missing = report(options.lab);
    if missing.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut packages: Vec<&str> = missing.iter().map(|requirement| requirement.package).collect();
    packages.sort_unstable();
    packages.dedup();
    println!("missing packages (Debian's and Ubuntu's names): {}", packages.join(" "));
    if !options.fix {
        println!("`lab doctor --lab {} --fix` installs them with apt", options.lab);
        return Ok(ExitCode::FAILURE);
    }
    install(&packages)?;
    let left = report(options.lab);
    Ok(if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints every requirement, and returns those that are not met.
fn report(lab: Provider) -> Vec<Requirement> {
    let (met, missing): (Vec<_>, Vec<_>) = requirements(lab).into_iter().partition(Requirement::is_met);
    for requirement in met {
        println!("ok       {:20} {}", requirement.program, requirement.purpose);
    }
    for requirement in &missing {
        println!(
            "missing  {:20} {} (package {})",
            requirement.program, requirement.purpose, requirement.package
        );
    }
    missing
}

fn install(packages: &[&str]) -> miette::Result<()> {
    if !Requirement::program("apt-get").is_met() {
        miette::bail!(
            "this system has no apt: install what has these programs by its own means, then run this again"
        );
    }
    apt(&["update", "-qq"])?;
    if packages.contains(&"openssh-server") {
        keep_sshd_off()?;
    }
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}

/// The lab starts sshd for itself; the package would also start one that listens on the machine.
fn keep_sshd_off() -> miette::Result<()> {
    if !Requirement::program("systemctl").is_met() {
        return Ok(());
    }
    println!(
        "ssh.service is masked before openssh-server is installed, so that nothing listens; `systemctl unmask ssh` undoes that"
    );
    as_root("systemctl", &["mask", "--quiet", "ssh.service", "ssh.socket"])
}

fn apt(arguments: &[&str]) -> miette::Result<()> {
    let mut all = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get"];
    all.extend(arguments);
    as_root("env", &all)
}

fn as_root(program: &str, arguments: &[&str]) -> miette::Result<()> {
    let root = harness::provider::is_root();
    let mut command = Command::new(if root { program } else { "sudo" });
    if !root {
        command.arg(program);
    }
    command.args(arguments).stdin(Stdio::inherit());
    let shown = arguments.join(" ");
    let status = command
        .status()
        .map_err(|error| miette::miette!("failed to run `{program} {shown}` as root: {error}"))?;
    if status.success() { Ok(()) } else { miette::bail!("`{program} {shown}` failed: {status}") }
}
