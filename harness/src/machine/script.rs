//! Several commands in one round trip, and the way to tell which of them failed.

use std::fmt::Write as _;

/// Where a machine keeps what is to be undone: one shell line each, the newest last. `/run` is
/// memory, so that a reboot, which undoes everything, forgets it too.
pub(crate) const UNDO_RECORD: &str = "/run/macvlan-e2e/undo";

/// The last line of standard error of a script in which a step failed; the step's number follows.
const FAILED_AT: &str = "macvlan-e2e: failed at step ";

/// Shell lines that run one after another on one machine until one fails.
///
/// What a step changes is recorded on the machine *before* the step runs, so that whoever comes
/// after a crash can undo exactly that.
#[derive(Clone, Debug, Default)]
pub struct Script {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    line: String,
    undo: Option<String>,
}

impl Script {
    /// A script without steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step: one line for `sh`.
    pub fn step(mut self, line: impl Into<String>) -> Self {
        self.steps.push(Step { line: line.into(), undo: None });
        self
    }

    /// Adds a step that changes the machine, with the line that undoes it.
    pub fn change(mut self, line: impl Into<String>, undo: impl Into<String>) -> Self {
        self.steps.push(Step { line: line.into(), undo: Some(undo.into()) });
        self
    }

    /// Adds all steps of another script.
    pub fn then(mut self, other: Script) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// The steps alone, as lines for another shell; what undoes them is not among them.
    pub(crate) fn lines(&self) -> String {
        self.steps.iter().map(|step| step.line.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The program for `sh -c`.
    pub(super) fn to_shell(&self) -> String {
        let mut shell =
            format!("set -e\nat=0\ntrap 's=$?; [ $s = 0 ] || printf \"\\n{FAILED_AT}%s\\n\" $at >&2' EXIT\n");
        if self.steps.iter().any(|step| step.undo.is_some()) {
            shell.push_str("mkdir -p /run/macvlan-e2e\n");
        }
        for (index, step) in self.steps.iter().enumerate() {
            let _ = writeln!(shell, "at={index}");
            if let Some(undo) = &step.undo {
                let _ = writeln!(shell, "printf '%s\\n' {} >>{UNDO_RECORD}", quoted(undo));
            }
            let _ = writeln!(shell, "{}", step.line);
        }
        shell
    }

    /// The step that a failed script's standard error names, and the rest of that output.
    pub(super) fn failed_step<'a>(&'a self, stderr: &'a str) -> (&'a str, &'a str) {
        let named = stderr.rsplit_once(FAILED_AT).and_then(|(rest, number)| {
            let step = self.steps.get(number.trim().parse::<usize>().ok()?)?;
            Some((step.line.as_str(), rest))
        });
        let first = self.steps.first().map_or("", |step| step.line.as_str());
        let (step, rest) = named.unwrap_or((first, stderr));
        (step, rest.trim())
    }
}

/// Undoes what is recorded on a machine, the newest first, and forgets it. A step that was never
/// made can't be undone, which is no error; whether all is as it was is checked afterwards.
pub(crate) fn sweep() -> Script {
    Script::new().step(format!(
        "if [ -e {UNDO_RECORD} ]; then tac {UNDO_RECORD} | while IFS= read -r line; do \
         (eval \"$line\") </dev/null >/dev/null 2>&1 || :; done; rm {UNDO_RECORD}; fi"
    ))
}

/// One shell word.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failed_step_is_named() {
        let script = Script::new().step("true").step("ip link add");
        let (step, rest) = script.failed_step("Not enough information.\n\nmacvlan-e2e: failed at step 1\n");
        assert_eq!((step, rest), ("ip link add", "Not enough information."));
    }

    #[test]
    fn a_change_is_recorded_before_it_is_made() {
        let shell = Script::new().change("ip netns add docker1", "ip netns del docker1").to_shell();
        let recorded = shell.find("printf '%s\\n' 'ip netns del docker1'").unwrap();
        assert!(recorded < shell.find("\nip netns add docker1").unwrap(), "{shell}");
    }

    #[test]
    fn a_quote_stays_inside_its_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
