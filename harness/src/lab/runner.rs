//! The process whose life a lab's life follows, and the name under which its lab is found.

use std::{
    env, fs, io,
    os::{
        fd::{OwnedFd, RawFd},
        linux::net::SocketAddrExt,
        unix::net::SocketAddr,
    },
};

use rustix::process::{Pid, PidfdFlags, getppid, getuid, pidfd_open};

use super::Settings;

/// The file descriptors that the keeper inherits.
pub(crate) const LISTENER_FD: RawFd = 3;
pub(crate) const RUNNER_FD: RawFd = 4;

/// The test runner: the test binary itself under `cargo test`, nextest under nextest, whose test
/// processes live for one scenario each.
pub(super) struct Runner {
    pid: Pid,
    /// When it started, in clock ticks since boot: with the pid, a name that is never used twice.
    started: String,
}

impl Runner {
    pub(super) fn of_this_process() -> io::Result<Self> {
        let nextest = env::var_os("NEXTEST_RUN_ID").and_then(|_| getppid());
        let pid = nextest.unwrap_or_else(rustix::process::getpid);
        Ok(Self { pid, started: start_time(pid)? })
    }

    /// A descriptor that becomes readable when the runner dies (pidfd_open(2)).
    pub(super) fn watch(&self) -> io::Result<OwnedFd> {
        Ok(pidfd_open(self.pid, PidfdFlags::empty())?)
    }

    /// Where the runner's lab listens. The abstract namespace leaves no file behind, whoever is
    /// killed, and two processes can't both have a name: to bind it is to be the one that starts the lab.
    pub(super) fn address(&self, settings: &Settings) -> io::Result<SocketAddr> {
        let name = format!(
            "macvlan-e2e/{}/{}-{}/{}/{}",
            getuid().as_raw(),
            self.pid.as_raw_nonzero(),
            self.started,
            settings.provider,
            settings.topology_path
        );
        // A socket's name has at most 107 bytes (unix(7)); a long topology path goes in as its hash.
        SocketAddr::from_abstract_name(hashed(&name))
    }

    /// The name of the run's folder: when it began, and the runner.
    pub(super) fn run_name(&self) -> String {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%SZ");
        format!("{now}-{}", self.pid.as_raw_nonzero())
    }
}

fn hashed(name: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(name.as_bytes());
    let hash: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("macvlan-e2e/{hash}")
}

/// Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted from behind the command's name, which
/// may hold spaces and brackets.
fn start_time(pid: Pid) -> io::Result<String> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))?;
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let field = after_name.split(' ').nth(19);
    field.map(str::to_owned).ok_or_else(|| io::Error::other("/proc/PID/stat has no start time"))
}
