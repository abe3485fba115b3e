//! What is to be undone on a machine, and by whom.

use super::{Script, script::quoted};

/// Where a machine keeps it: `/run` is memory, so that a reboot, which undoes everything, forgets it too.
const FOLDER: &str = "/run/macvlan-e2e";
/// How long a change that is under way may take to its end.
const CHANGE_SECONDS: u32 = 30;

/// A machine's record of changes: one shell line each that undoes one, the newest last.
///
/// A machine that a lab has to itself has one record. On one that outlives the lab each run has its own, and
/// changes something only while it is the run that has the machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    run: Option<String>,
}

impl Record {
    /// What is done where a change can't be recorded: it is not made. The shell's own words for a full disk differ.
    pub(super) const NO_ROOM: &str = "{ echo \"what undoes it can't be recorded, and it was not done; df says: \
        $(df -k /run/macvlan-e2e | tail -n 1)\" >&2; exit 1; }";

    /// The record of a run, by a name of letters and digits that no other run has.
    pub(crate) fn of_run(run: &str) -> Self {
        Self { run: Some(run.to_owned()) }
    }

    /// The record's file.
    pub(super) fn path(&self) -> String {
        match &self.run {
            Some(run) => format!("{FOLDER}/undo.{run}"),
            None => format!("{FOLDER}/undo"),
        }
    }

    /// What has to hold before a script changes anything. The lock is shared by the changes' own processes, which
    /// may outlive the shell: undoing waits for them. Whoever undoes has put another name there before, so that it is read
    /// behind the lock.
    pub(super) fn before_changes(&self) -> String {
        let lock = format!("[ -d {FOLDER} ] || mkdir {FOLDER}\nexec 8>>{FOLDER}/changes; flock -s 8\n");
        let Some(run) = &self.run else { return lock };
        format!(
            "{lock}holder=; read -r holder _ <{FOLDER}/holder || :\n\
             [ \"$holder\" = {run} ] || {{ echo 'this run does not have the machine any more' >&2; exit 1; }}\n"
        )
    }

    /// Undoes what is recorded, the newest first, and forgets it. A step that was never made can't be undone,
    /// which is no error; whether all is as it was is checked afterwards.
    pub(crate) fn sweep(&self) -> Script {
        Script::new().step(format!("[ ! -d {FOLDER} ] || {}", after_changes(&sweep(&self.path()))))
    }

    /// Takes a machine again that has forgotten who had it, since it was rebooted. Nobody guards it: what is changed there is undone
    /// by the next run.
    pub(crate) fn take_again(&self) -> Script {
        let Some(run) = &self.run else { return Script::new() };
        Script::new().step(format!(
            "mkdir -p {FOLDER}; chmod 700 {FOLDER}; exec 9>>{FOLDER}/lock; \
             flock -n 9 || {{ echo 'another run has taken it meanwhile' >&2; exit 1; }}; echo {run} >{FOLDER}/holder"
        ))
    }

    /// Fails where nothing can be recorded any more.
    pub(crate) fn has_room() -> Script {
        let file = format!("{FOLDER}/room");
        Script::new().step(format!("[ -d {FOLDER} ] || mkdir {FOLDER}; echo room >{file}; : >{file}"))
    }

    /// Prints what runs have left here that are gone, the newest first: lines that would undo it.
    pub(crate) fn left() -> Script {
        Script::new().step(format!(
            "for record in {FOLDER}/undo {FOLDER}/undo.*; do if [ -s $record ]; then tac $record; fi; done"
        ))
    }

    /// The lines of a run's guard: they take the machine, undo what other runs have left, say `held`, read signs
    /// of life, and undo what this run has left when those cease. A machine that nobody has any more, while what was
    /// changed there is undone, is waited for longer than one that somebody has. The folder is root's alone: whoever could
    /// open a lock could hold it.
    pub(crate) fn guard(run: &str, holder: &str, takeover: u64, time_to_live: u64) -> String {
        format!(
            "set -e\nmkdir -p {FOLDER}\nchmod 700 {FOLDER}\nexec 9>>{FOLDER}/lock\n\
             taken=0; flock -w {takeover} -E 75 9 || taken=$?\n\
             if [ $taken = 75 ] && [ ! -s {FOLDER}/holder ]; then taken=0; flock -w {CHANGE_SECONDS} -E 75 9 || taken=$?; fi\n\
             if [ $taken = 75 ]; then cut -d' ' -f2- {FOLDER}/holder | grep . || echo {undone}; exit 1; fi\n\
             [ $taken = 0 ]\nprintf '%s %s\\n' {run} {holder} >{FOLDER}/holder\n\
             {others}\necho held\n\
             while sign=$(timeout {time_to_live} head -n 1) && [ -n \"$sign\" ]; do :; done\n\
             : >{FOLDER}/holder\n{own}\n",
            holder = quoted(holder),
            undone = quoted("what another run has changed there is still being undone"),
            others = after_changes(&format!("for record in {FOLDER}/undo.*; do {}; done", sweep("$record"))),
            own = after_changes(&sweep(&Self::of_run(run).path())),
        )
    }
}

/// A line without an end is of a change that was never made: the disk was full. The shell turns the lines around itself, since each
/// process costs.
fn sweep(record: &str) -> String {
    format!(
        "if [ -s {record} ]; then set --; while IFS= read -r line; do set -- \"$line\" \"$@\"; done <{record}; \
         for line; do (eval \"$line\") </dev/null >/dev/null 2>&1 || :; done; : >{record}; fi"
    )
}

fn after_changes(sweep: &str) -> String {
    format!("{{ flock -w {CHANGE_SECONDS} 8; {sweep}; }} 8>>{FOLDER}/changes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_changes_only_a_machine_that_it_has() {
        let shell = Script::new().change("ip netns add docker1", "ip netns del docker1");
        let shell = shell.to_shell(&Record::of_run("0a1b"));
        let checked = shell.find("[ \"$holder\" = 0a1b ]").unwrap();
        let recorded = shell.find(">>/run/macvlan-e2e/undo.0a1b").unwrap();
        assert!(checked < recorded, "{shell}");
    }
}
