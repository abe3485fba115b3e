//! What ends a command whose starter is gone.

/// Lines for `sh` that end when the shell's standard input closes. Nothing else would end a remote
/// command whose client has died: sshd leaves it running. What they print is read by programs: it is English, whatever the
/// account's language is. The tether is waited for like the command: left to the keeper, which is a lab's first
/// process and reaps no orphans, each would stay there as a dead process.
pub(super) fn tethered(lines: &str) -> String {
    format!(
        "PATH=\"$PATH:/usr/sbin:/sbin\"; LC_ALL=C; export PATH LC_ALL\nexec 3<&0\n(\n{lines}\n) </dev/null 3<&- & p=$!\n\
         {{ read -r _ <&3; kill -TERM \"$p\"; }} >/dev/null 2>&1 & tether=$!\n\
         exec 3<&-\nwait \"$p\"; status=$?\nkill \"$tether\" 2>/dev/null\n\
         wait \"$tether\" 2>/dev/null\nexit $status"
    )
}
