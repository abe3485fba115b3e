//! The processors' time of commands and of all that they leave running until it ends by itself: a run's lab outlives the run.

use std::{
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use miette::{IntoDiagnostic as _, WrapErr as _};
use rustix::{
    io::Errno,
    param::clock_ticks_per_second,
    process::{WaitOptions, getpid, set_child_subreaper, wait},
};

/// What a run took, in seconds.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Until the last command ended.
    pub seconds: f64,
    /// Of all processors, until the last process of it ended. The machine's is read, on which nothing else is to run: what ends with its
    /// pid namespace, as all of a lab does, is waited for by nobody who would be told its time (`zap_pid_ns_processes`,
    /// kernel/pid_namespace.c).
    pub cpu: f64,
    /// What the last command printed.
    pub said: String,
}

/// Runs commands one after another, and waits for all their descendants.
///
/// # Errors
/// Where one fails.
pub fn of_all(commands: &mut [Command]) -> miette::Result<Whole> {
    // Orphans become our children (PR_SET_CHILD_SUBREAPER(2const)), whose end we wait for.
    set_child_subreaper(Some(getpid())).into_diagnostic().wrap_err("failed to become a subreaper")?;
    let before = of_machine()?;
    let start = Instant::now();
    let mut said = Ok(String::new());
    for command in commands {
        said = succeed(command);
        if said.is_err() {
            break;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    loop {
        match wait(WaitOptions::empty()) {
            Err(Errno::CHILD) => break,
            Err(error) => {
                return Err(error).into_diagnostic().wrap_err("failed to wait for what was left running");
            }
            Ok(_) => {}
        }
    }
    // Nobody waits for orphans from here on, and a lab whose dead are not waited for does not end.
    set_child_subreaper(None).into_diagnostic().wrap_err("failed to be no subreaper")?;
    Ok(Whole { seconds, cpu: of_machine()? - before, said: said? })
}

fn succeed(command: &mut Command) -> miette::Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.into_diagnostic().wrap_err_with(|| format!("failed to start {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        miette::bail!("{command:?} fails ({}): {said}", output.status);
    }
    Ok(said)
}

/// Of the first line of /proc/stat (proc_stat(5)): user, nice, system, irq, softirq.
fn of_machine() -> miette::Result<f64> {
    let stat = fs::read_to_string("/proc/stat").into_diagnostic()?;
    let fields: Vec<u64> = stat
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    let ticks: u64 = [0, 1, 2, 5, 6].iter().filter_map(|place| fields.get(*place)).sum();
    Ok(ticks as f64 / clock_ticks_per_second() as f64)
}
