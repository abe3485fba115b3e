//! The process whose life a lab's life follows, and the name under which its lab is found.

use std::{
    env, fs, io,
    os::fd::{OwnedFd, RawFd},
    time::Duration,
};

use rustix::{
    param::clock_ticks_per_second,
    process::{Pid, PidfdFlags, getpid, getppid, pidfd_open},
};

/// The file descriptors that the keeper inherits.
pub(crate) const LISTENER_FD: RawFd = 3;
pub(crate) const RUNNER_FD: RawFd = 4;

/// The test runner: the test binary itself under `cargo test`, nextest under nextest, whose test
/// processes live for one scenario each.
pub(super) struct Runner {
    pid: Pid,
    /// When it started, in clock ticks since boot: with the pid, a name that is never used twice.
    started: u64,
    /// Opened before the start time was read, so that both are of one process.
    pidfd: OwnedFd,
}

impl Runner {
    pub(super) fn of_this_process() -> io::Result<Self> {
        let pid = nextest().unwrap_or_else(getpid);
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        Ok(Self { pid, started: start_time(pid)?, pidfd })
    }

    /// A descriptor that becomes readable when the runner dies (pidfd_open(2)).
    pub(super) fn watch(&self) -> io::Result<OwnedFd> {
        self.pidfd.try_clone()
    }

    /// A name that no other runner has or will have.
    pub(super) fn identity(&self) -> String {
        format!("{}-{}", self.pid.as_raw_nonzero(), self.started)
    }

    /// The name of the run's folder, the same for each lab of the run: when the runner started,
    /// and which it is.
    pub(super) fn run_name(&self) -> io::Result<String> {
        let since_boot = Duration::from_millis(self.started * 1000 / clock_ticks_per_second().max(1));
        let started = jiff::Timestamp::UNIX_EPOCH + boot_time()? + since_boot;
        Ok(format!("{}-{}", started.strftime("%Y-%m-%dT%H-%M-%SZ"), self.pid.as_raw_nonzero()))
    }
}

/// The nextest that runs this process, if one does. A parent that is not nextest has inherited us
/// from one that is dead.
fn nextest() -> Option<Pid> {
    env::var_os("NEXTEST_RUN_ID")?;
    let parent = getppid()?;
    let program = fs::read_link(format!("/proc/{}/exe", parent.as_raw_nonzero())).ok()?;
    program.file_name()?.to_str()?.contains("nextest").then_some(parent)
}

/// Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted from behind the command's name, which
/// may hold spaces and brackets.
fn start_time(pid: Pid) -> io::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))?;
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let field = after_name.split(' ').nth(19).and_then(|field| field.parse().ok());
    field.ok_or_else(|| io::Error::other("/proc/PID/stat has no start time"))
}

/// When the machine booted, since the Unix epoch (`btime`, proc_stat(5)).
fn boot_time() -> io::Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "));
    let seconds = line.and_then(|seconds| seconds.trim().parse().ok());
    seconds.map(Duration::from_secs).ok_or_else(|| io::Error::other("/proc/stat has no btime"))
}
