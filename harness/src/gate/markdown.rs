//! The table for people.

use std::fmt::{self, Write as _};

use super::{Change, Gate, LabRun, Scenario};
use crate::{report::Outcome, visible};

/// What is worth a look is told of so many scenarios; the others' ladders are in their folders.
const TOLD_MAX: usize = 20;

impl Gate {
    /// The gate in Markdown: a table of scenarios by labs, the ladders of what did not pass, and what has changed since
    /// the last gate, where there was one. What foreign recordings say steers no terminal.
    pub fn to_markdown(&self, changes: Option<&[Change]>) -> String {
        let mut text = String::new();
        let _ = self.write(&mut text, changes);
        visible(&text)
    }

    fn write(&self, text: &mut String, changes: Option<&[Change]>) -> fmt::Result {
        writeln!(text, "# {}\n", if self.is_open() { "The gate is open" } else { "The gate is closed" })?;
        let all = self.scenarios().len();
        for (lab, run) in &self.labs {
            writeln!(text, "- **{lab}**{}: {}", of_machines(run), counts(run, all))?;
        }
        self.write_changes(text, changes)?;
        self.write_failures(text)?;
        self.write_table(text)
    }

    fn write_changes(&self, text: &mut String, changes: Option<&[Change]>) -> fmt::Result {
        let Some(changes) = changes else { return Ok(()) };
        writeln!(text, "\n## Since the last gate\n")?;
        if changes.is_empty() {
            writeln!(text, "Nothing has changed.")?;
        }
        changes.iter().try_for_each(|change| {
            writeln!(text, "- `{}`: {} ({})", change.scenario, change.what, change.extent)
        })
    }

    fn write_failures(&self, text: &mut String) -> fmt::Result {
        let bad: Vec<_> =
            self.labs.iter().flat_map(|(lab, run)| run.bad().map(move |bad| (lab, bad))).collect();
        if bad.is_empty() {
            return Ok(());
        }
        writeln!(text, "\n## What did not pass")?;
        for (lab, (name, scenario)) in bad.iter().take(TOLD_MAX) {
            writeln!(text, "\n### {name} on {lab}: {}\n", scenario.outcome.word())?;
            if let Some(source) = &scenario.source {
                writeln!(text, "`{}:{}`\n", source.file, source.line)?;
            }
            scenario.remarks.iter().try_for_each(|remark| writeln!(text, "{remark}\n"))?;
            if let Some(told) = &scenario.told {
                let fence = fence_around(told);
                writeln!(text, "{fence}\n{}\n{fence}", told.trim_end())?;
            }
        }
        match bad.len().saturating_sub(TOLD_MAX) {
            0 => Ok(()),
            more => writeln!(text, "\nand {more} more: see the table"),
        }
    }

    fn write_table(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "\n## All scenarios\n")?;
        let labs: Vec<&str> = self.labs.keys().map(String::as_str).collect();
        writeln!(text, "| scenario | {} |\n|---|{}", labs.join(" | "), "---|".repeat(labs.len()))?;
        for name in self.scenarios() {
            let outcomes =
                self.labs.values().map(|run| run.scenarios.get(name).map_or("–", |it| it.outcome.mark()));
            writeln!(text, "| {name} | {} |", outcomes.collect::<Vec<_>>().join(" | "))?;
        }
        Ok(())
    }
}

/// Longer than all in the text that could end it.
fn fence_around(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(3.max(longest + 1))
}

fn of_machines(run: &LabRun) -> String {
    run.machines.as_ref().map(|machines| format!(" ({machines})")).unwrap_or_default()
}

/// `12 passed, 1 failed, 3 left out`, of `all` scenarios of all labs, and what keeps the gate closed besides. What another lab has run
/// is among the tests that this one has left out, under other names.
fn counts(run: &LabRun, all: usize) -> String {
    let count = |outcome| run.scenarios.values().filter(|scenario| scenario.outcome == outcome).count();
    let counted = Outcome::ALL.into_iter().map(|outcome| (count(outcome), outcome.word()));
    let mut told: Vec<String> =
        counted.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let left_out = run.ignored.len().max(all - run.scenarios.len());
    if run.scenarios.is_empty() {
        told.push("no scenario has run".to_owned());
    } else if left_out > 0 {
        told.push(format!("{left_out} left out"));
    }
    if let Some(status) = run.status.filter(|status| *status != 0) {
        told.push(format!("the tests ended with {status}"));
    }
    told.join(", ")
}

impl LabRun {
    /// What did not pass.
    pub(super) fn bad(&self) -> impl Iterator<Item = (&String, &Scenario)> {
        self.scenarios.iter().filter(|(_, scenario)| scenario.outcome != Outcome::Passed)
    }
}

impl Outcome {
    fn mark(self) -> &'static str {
        match self {
            Self::Passed => "✓",
            Self::Failed => "**✗ failed**",
            Self::Inconclusive => "**? inconclusive**",
            Self::Unfinished => "**… unfinished**",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(outcome: Outcome) -> Scenario {
        let (source, finding, told) = (None, None, None);
        Scenario { outcome, source, finding, told, remarks: Vec::new(), seen: Default::default() }
    }

    fn run(names: &[&str]) -> LabRun {
        let scenarios = names.iter().map(|name| ((*name).to_owned(), scenario(Outcome::Passed))).collect();
        LabRun { scenarios, ..LabRun::default() }
    }

    #[test]
    fn what_only_another_lab_has_run_is_counted_as_left_out() {
        let labs = [("netns", run(&["matrix"])), ("qemu", run(&["matrix", "reboot", "vlan"]))];
        let gate = Gate { labs: labs.map(|(name, run)| (name.to_owned(), run)).into() };
        let told = gate.to_markdown(None);
        assert!(told.contains("- **netns**: 1 passed, 2 left out\n"), "{told}");
        assert!(told.contains("- **qemu**: 3 passed\n"), "{told}");
    }

    #[test]
    fn what_a_lab_alone_has_left_out_is_told() {
        let ignored = ["hazardous::reboot", "macvlan::vlan::case_1"].map(str::to_owned).into();
        let netns = LabRun { ignored, ..run(&["matrix"]) };
        let told = Gate { labs: [("netns".to_owned(), netns)].into() }.to_markdown(None);
        assert!(told.contains("- **netns**: 1 passed, 2 left out\n"), "{told}");
    }

    #[test]
    fn what_a_recording_says_steers_no_terminal_and_ends_no_block() {
        let scenario = Scenario {
            told: Some("docker1 \u{1b}[2J\n```\n# all is well".to_owned()),
            remarks: vec!["\u{202e}lost".to_owned()],
            ..scenario(Outcome::Failed)
        };
        let run = LabRun { scenarios: [("a".to_owned(), scenario)].into(), ..LabRun::default() };
        let told = Gate { labs: [("netns".to_owned(), run)].into() }.to_markdown(None);
        assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
        assert!(told.contains("````\ndocker1") && told.contains("# all is well\n````"), "{told}");
    }
}
