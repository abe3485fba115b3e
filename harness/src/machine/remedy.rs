//! What to do about a command that failed.

use super::{CommandError, Failure, error::chain};

/// What ssh says when sshd has no session left to give (`MaxSessions`, sshd_config(5)).
const NO_SESSION: &str = "refused by peer";
/// What a shell says of a program that is not there (127, POSIX).
pub(super) const NOT_FOUND: i32 = 127;

/// What to do about it, where that is known.
pub(super) fn remedy(error: &CommandError) -> Option<String> {
    let CommandError { machine, failure, .. } = error;
    match failure {
        Failure::Deadline { .. } => Some(format!(
            "{machine} is frozen or overloaded, or the way to it is cut: look at its console and its load"
        )),
        Failure::Session { source } if chain(source).contains(NO_SESSION) => Some(format!(
            "sshd on {machine} has no session left for it: set `MaxSessions 100` in its /etc/ssh/sshd_config and reload it"
        )),
        Failure::Session { .. } => Some(format!(
            "{machine} went down or was rebooted, its sshd was ended, or the way to it is cut: look at its console"
        )),
        Failure::Exit { stderr, .. } if stderr.contains("can't be recorded") => {
            Some(format!("/run of {machine} is full: `df -h /run` there, and make room"))
        }
        Failure::Exit { stderr, .. } if stderr.contains("No space left on device") => {
            Some(format!("a disk of {machine} is full: `df -h` there tells which"))
        }
        Failure::Exit { status, .. } if status.code() == Some(NOT_FOUND) => Some(install_on(machine)),
        Failure::Exit { stderr: said, .. } | Failure::Output { reason: said } if is_not_found(said) => {
            Some(install_on(machine))
        }
        _ => None,
    }
}

/// In the words of shells, and of `ip netns exec`.
fn is_not_found(said: &str) -> bool {
    said.contains(": not found") || (said.contains("exec of ") && said.contains("No such file"))
}

fn install_on(machine: &str) -> String {
    format!("install it on {machine} (Debian and Ubuntu: iproute2 tcpdump iputils-ping)")
}
