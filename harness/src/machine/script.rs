//! Several commands in one round trip, and the way to tell which of them failed.

use std::fmt::Write as _;

use super::Record;

/// What a script prints to standard error as each step begins; the step's number follows.
const STEP: char = '\u{1e}';

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
    /// Stands behind a change that leaves a process running, which so lets go of the record of changes: what is undone waits for all
    /// who hold that.
    pub const LETTING_GO: &str = "8>&-";

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

    /// Adds a step that makes something, with the line that removes it. If `is_there` holds before,
    /// the script fails and nothing is recorded: what is there already is somebody else's.
    pub fn create(self, is_there: &str, line: impl Into<String>, undo: impl Into<String>) -> Self {
        let refusal =
            format!("if {is_there}; then echo 'there is one already, and not of this lab' >&2; false; fi");
        self.step(refusal).change(line, undo)
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

    /// The steps as a person reads them, each change with what undoes it.
    pub(crate) fn told(&self) -> Vec<String> {
        let lines = self.steps.iter().flat_map(|step| {
            let undo = step.undo.as_ref().map(|undo| format!("  # undone by: {undo}"));
            step.line.lines().map(str::to_owned).chain(undo).collect::<Vec<_>>()
        });
        lines.collect()
    }

    /// The program for `sh -c`, on a machine whose changes go to `record`.
    pub(super) fn to_shell(&self, record: &Record) -> String {
        let mut shell = "set -e\n".to_owned();
        if self.steps.iter().any(|step| step.undo.is_some()) {
            shell.push_str(&record.before_changes());
        }
        let path = record.path();
        for (index, step) in self.steps.iter().enumerate() {
            let _ = writeln!(shell, "printf '\\036%s\\n' {index} >&2");
            if let Some(undo) = &step.undo {
                let _ = writeln!(shell, "printf '%s\\n' {} >>{path} || {}", quoted(undo), Record::NO_ROOM);
            }
            let _ = writeln!(shell, "{}", step.line);
        }
        shell
    }

    /// The step that a script was at when it ended, and what that printed to standard error.
    pub(super) fn last_step<'a>(&'a self, stderr: &str) -> (&'a str, String) {
        let (number, said) = match stderr.rsplit_once(STEP) {
            Some((_, last)) => last.split_once('\n').unwrap_or((last, "")),
            None => ("0", stderr),
        };
        let step = number.parse().ok().and_then(|number: usize| self.steps.get(number));
        (step.map_or("", |step| &step.line), said.trim().to_owned())
    }
}

/// One shell word, whatever is in it. All that is not the harness's own text, or of an alphabet that no shell reads (a topology's
/// names), goes through this. A shell's words have no zero byte, nor has an argument of `sh -c`.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failed_step_is_named() {
        let script = Script::new().step("true").step("ip link add");
        let (step, said) = script.last_step("\u{1e}0\nfine\n\u{1e}1\nNot enough information.\n");
        assert_eq!((step, said.as_str()), ("ip link add", "Not enough information."));
    }

    #[test]
    fn a_change_is_recorded_before_it_is_made() {
        let shell =
            Script::new().change("ip netns add docker1", "ip netns del docker1").to_shell(&Record::default());
        let recorded = shell.find("printf '%s\\n' 'ip netns del docker1'").unwrap();
        assert!(recorded < shell.find("\nip netns add docker1").unwrap(), "{shell}");
    }

    #[test]
    fn a_quote_stays_inside_its_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    /// What `sh` makes of a line.
    fn sh(line: &str) -> String {
        let output = std::process::Command::new("sh").args(["-c", line]).output().expect("there is a shell");
        String::from_utf8(output.stdout).expect("it prints what it was given")
    }

    /// Text of what shells read, at least as much as of other characters.
    fn hostile() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        let special = proptest::sample::select(
            "'\"\\`$(){};&|<>*?[]#~!=% \t\n\r-\u{1b}\u{202e}".chars().collect::<Vec<_>>(),
        );
        let any = any::<char>().prop_filter("no argument has a zero byte", |c| *c != '\0');
        let words =
            proptest::sample::select(vec!["$(id)", "'; id; '", "`id`", "-rf", "\n id \n", "${IFS}", "'\\''"]);
        let piece = prop_oneof![
            special.prop_map(String::from),
            any.prop_map(String::from),
            words.prop_map(String::from)
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_hostile_word_is_one_word_to_a_shell(word in hostile()) {
            proptest::prop_assert_eq!(sh(&format!("printf '%s.' {} end", quoted(&word))), format!("{word}.end."));
        }

        /// As a command within a command, the way of what is run in a container.
        #[test]
        fn a_hostile_word_is_one_word_to_a_shell_in_a_shell(word in hostile()) {
            let inner = format!("printf %s. {} end", quoted(&word));
            proptest::prop_assert_eq!(sh(&format!("sh -c {}", quoted(&inner))), format!("{word}.end."));
        }
    }
}
