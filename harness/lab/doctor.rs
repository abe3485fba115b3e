//! `lab doctor`: what a lab needs on this machine.

use std::{
    collections::BTreeSet,
    io,
    process::{Command, ExitCode, Stdio},
};

use clap::Args;
use harness::provider::{Finding, Provider, Remedy, State, check_up, has_program, is_root};
use serde::Serialize;

use crate::{
    format::{Format, print_json},
    lab_options::LabOptions,
    print_line::print_line,
    runtime::run_async,
};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    lab: LabOptions,
    /// Install what is missing, with apt, as root or through sudo.
    #[arg(long)]
    fix: bool,
    /// Look at what packages have, and not at what runs or is permitted.
    #[arg(long)]
    packages: bool,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Told<'a> {
    lab: Provider,
    is_ok: bool,
    findings: &'a [Finding],
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let mut findings = look(options)?;
    let mut packages = missing_packages(&findings);
    let mut tried = Vec::new();
    // apt makes room for a package by removing another that was there, of another release: that is then the one that is missing.
    while options.fix && !packages.is_empty() && packages != tried {
        if options.format == Format::Text {
            tell(&findings, &packages, options);
        }
        install(&packages)?;
        findings = look(options)?;
        tried = std::mem::replace(&mut packages, missing_packages(&findings));
    }
    let is_ok = findings.iter().all(|finding| finding.state != State::Missing);
    match options.format {
        Format::Text => tell(&findings, &packages, options),
        Format::Json => print_json(&Told { lab: options.lab.name.lab, is_ok, findings: &findings })?,
    }
    Ok(if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn look(options: &Options) -> miette::Result<Vec<Finding>> {
    let settings = options.lab.settings()?;
    run_async(check_up(&settings, options.packages))
}

/// What is as it should be first, what keeps the lab from running last.
fn tell(findings: &[Finding], packages: &[String], options: &Options) {
    for state in [State::Ok, State::Note, State::Missing] {
        findings.iter().filter(|finding| finding.state == state).for_each(tell_finding);
    }
    if !packages.is_empty() {
        print_line(format_args!("missing packages (Debian's and Ubuntu's names): {}", packages.join(" ")));
        if !options.fix {
            print_line(format_args!(
                "`lab doctor --lab {} --fix` installs them with apt",
                options.lab.name.lab
            ));
        }
    }
}

fn tell_finding(Finding { name, state, told, fix }: &Finding) {
    let word = match state {
        State::Ok => "ok",
        State::Note => "note",
        State::Missing => "missing",
    };
    let fix = match fix {
        None => String::new(),
        Some(Remedy::Package(package)) => format!(" (package {package})"),
        Some(Remedy::Advice(advice)) => format!(": {advice}"),
    };
    print_line(format_args!("{word:8} {name:24} {told}{fix}"));
}

fn missing_packages(findings: &[Finding]) -> Vec<String> {
    let packages = findings.iter().filter_map(|finding| match &finding.fix {
        Some(Remedy::Package(package)) => Some(package.clone()),
        _ => None,
    });
    packages.collect::<BTreeSet<_>>().into_iter().collect()
}

fn install(packages: &[String]) -> miette::Result<()> {
    if !has_program("apt-get") {
        miette::bail!(
            "this system has no apt: install what has these programs by its own means, then run this again"
        );
    }
    apt(&["update", "-qq"])?;
    if packages.iter().any(|package| package == "openssh-server") {
        keep_sshd_off()?;
    }
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages.iter().map(String::as_str));
    apt(&arguments)
}

/// The lab starts sshd for itself; the package would also start one that listens on the machine.
fn keep_sshd_off() -> miette::Result<()> {
    if !has_program("systemctl") {
        return Ok(());
    }
    eprintln!(
        "ssh.service is masked before openssh-server is installed, so that nothing listens; `systemctl unmask ssh` undoes that",
    );
    as_root("systemctl", &["mask", "--quiet", "ssh.service", "ssh.socket"])
}

fn apt(arguments: &[&str]) -> miette::Result<()> {
    // Another apt, as one that upgrades unattended, ends in its own time.
    let options = ["-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=600"];
    let mut all = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get"];
    all.extend(options);
    all.extend(arguments);
    as_root("env", &all)
}

fn as_root(program: &str, arguments: &[&str]) -> miette::Result<()> {
    let root = is_root();
    let mut command = Command::new(if root { program } else { "sudo" });
    if !root {
        command.arg(program);
    }
    // The standard output is for what was found.
    command.args(arguments).stdin(Stdio::inherit()).stdout(io::stderr());
    let shown = arguments.join(" ");
    let status = command
        .status()
        .map_err(|error| miette::miette!("failed to run `{program} {shown}` as root: {error}"))?;
    if status.success() { Ok(()) } else { miette::bail!("`{program} {shown}` failed: {status}") }
}
