//! What ends a command whose starter is gone.
//!
//! Nothing else would end a remote command whose client has died: sshd leaves it running. The tether is waited for like the
//! command: left to the keeper, which is a lab's first process and reaps no orphans, each would stay there as a dead process.

/// What is printed is read by programs: it is English, whatever the account's language is.
const ENVIRONMENT: &str = "PATH=\"$PATH:/usr/sbin:/sbin\"; LC_ALL=C; export PATH LC_ALL";

/// Lines for `sh` that end when the shell's standard input closes. The shell that runs them is the one that is ended: one process
/// fewer than for a command.
pub(super) fn tethered_lines(lines: &str) -> String {
    format!(
        "{ENVIRONMENT}\nexec 3<&0 </dev/null\n\
         {{ read -r _ <&3; kill -TERM $$; }} >/dev/null 2>&1 & tether=$!\n\
         exec 3<&-\ntrap 'kill \"$tether\" 2>/dev/null || :; wait \"$tether\" 2>/dev/null || :' EXIT\n{lines}"
    )
}

/// A command for `sh` that ends when the shell's standard input closes. It is asked to end, and waited for, by the shell.
pub(super) fn tethered_command(command: &str) -> String {
    format!(
        "{ENVIRONMENT}\nexec 3<&0\n(exec {command}) </dev/null 3<&- & p=$!\n\
         {{ read -r _ <&3; kill -TERM \"$p\"; }} >/dev/null 2>&1 & tether=$!\n\
         exec 3<&-\nwait \"$p\"; status=$?\nkill \"$tether\" 2>/dev/null\n\
         wait \"$tether\" 2>/dev/null\nexit $status"
    )
}
