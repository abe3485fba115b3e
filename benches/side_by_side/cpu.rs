//! The processors' time of a command and of all that it left running until it ended by itself: a run's lab outlives the run.

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
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    /// Until the command ended.
    pub seconds: f64,
    /// Of all processors, until the last process of it ended.
    pub cpu: f64,
    /// Whether the command succeeded.
    pub succeeded: bool,
}

/// Runs commands one after another, and waits for all their descendants.
pub fn of_all(commands: &mut [Command]) -> miette::Result<Whole> {
    // Orphans become our children (PR_SET_CHILD_SUBREAPER(2const)), whose time we get when we wait for them.
    set_child_subreaper(Some(getpid())).into_diagnostic().wrap_err("failed to become a subreaper")?;
    let before = of_children()?;
    let start = Instant::now();
    let mut succeeded = true;
    for command in commands {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        succeeded &= command.status().into_diagnostic().wrap_err("failed to start a command")?.success();
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
    Ok(Whole { seconds, cpu: of_children()? - before, succeeded })
}

/// Fields 16 and 17 of /proc/self/stat (proc_pid_stat(5)), counted from behind the command's name.
fn of_children() -> miette::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").into_diagnostic()?;
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after_name.split(' ').skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / clock_ticks_per_second() as f64)
}
