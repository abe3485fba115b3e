//! `lab doctor`: what a lab needs on this machine.

use std::{
    collections::BTreeSet,
    process::{Command, ExitCode, Stdio},
};

use clap::Args;
use harness::provider::{Fix, Provider, Requirement, has_program, is_root, requirements};

use crate::print_line::print_line;

#[derive(Args)]
pub struct Options {
    /// The lab to check for.
    #[arg(long, env = "LAB", default_value = "qemu")]
    lab: Provider,
    /// Install what is missing, with apt, as root or through sudo.
    #[arg(long)]
    fix: bool,
    /// Look at what packages have, and not at what runs or is permitted.
    #[arg(long)]
    packages: bool,
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let missing = report(options);
    let packages = packages(&missing);
    if !packages.is_empty() {
        print_line(format_args!("missing packages (Debian's and Ubuntu's names): {}", packages.join(" ")));
    }
    if options.fix && !packages.is_empty() {
        install(&packages)?;
        return Ok(exit_code(&report(options)));
    }
    if !packages.is_empty() {
        print_line(format_args!("`lab doctor --lab {} --fix` installs them with apt", options.lab));
    }
    Ok(exit_code(&missing))
}

fn exit_code(missing: &[Requirement]) -> ExitCode {
    if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints every requirement, and returns those that are not met.
fn report(options: &Options) -> Vec<Requirement> {
    let is_asked = |it: &Requirement| !options.packages || matches!(it.fix, Fix::Package(_));
    let asked = requirements(options.lab).into_iter().filter(is_asked);
    let (met, missing): (Vec<_>, Vec<_>) = asked.partition(Requirement::is_met);
    for requirement in met {
        print_line(format_args!("ok       {:20} {}", requirement.name, requirement.purpose));
    }
    for Requirement { name, purpose, fix, .. } in &missing {
        match fix {
            Fix::Package(package) => {
                print_line(format_args!("missing  {name:20} {purpose} (package {package})"))
            }
            Fix::Advice(advice) => print_line(format_args!("missing  {name:20} {purpose}: {advice}")),
        }
    }
    missing
}

fn packages(missing: &[Requirement]) -> Vec<&'static str> {
    let packages = missing.iter().filter_map(|requirement| match requirement.fix {
        Fix::Package(package) => Some(package),
        Fix::Advice(_) => None,
    });
    packages.collect::<BTreeSet<_>>().into_iter().collect()
}

fn install(packages: &[&str]) -> miette::Result<()> {
    if !has_program("apt-get") {
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
    if !has_program("systemctl") {
        return Ok(());
    }
    print_line(
        "ssh.service is masked before openssh-server is installed, so that nothing listens; `systemctl unmask ssh` undoes that",
    );
    as_root("systemctl", &["mask", "--quiet", "ssh.service", "ssh.socket"])
}

fn apt(arguments: &[&str]) -> miette::Result<()> {
    let mut all = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "Dpkg::Use-Pty=0"];
    all.extend(arguments);
    as_root("env", &all)
}

fn as_root(program: &str, arguments: &[&str]) -> miette::Result<()> {
    let root = is_root();
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
