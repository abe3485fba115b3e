//! What is different from the last gate, and whether on all labs or on one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;

use super::{Gate, Scenario};
use crate::report::Outcome;

/// Something that is not as it was in the gate before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The scenario.
    pub scenario: String,
    /// What it is: `passed before, failed now`.
    pub what: String,
    /// Where.
    pub extent: Extent,
}

/// On which labs something is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// On all that both gates have, and those are several: the behaviour has changed.
    AllLabs,
    /// On these, and not on the others: the labs differ.
    SomeLabs(Vec<String>),
    /// On the only one that both gates have: nobody can say which it is.
    OnlyLab(String),
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllLabs => f.write_str("behaviour changed, on all labs"),
            Self::SomeLabs(labs) if labs.len() == 1 => write!(f, "this lab differs: {}", labs[0]),
            Self::SomeLabs(labs) => write!(f, "these labs differ: {}", labs.join(", ")),
            Self::OnlyLab(lab) => write!(f, "behaviour or lab: {lab} alone is in both gates"),
        }
    }
}

impl Gate {
    /// What is different from `before`, by scenario.
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        let names: BTreeSet<&str> = self.scenarios().into_iter().chain(before.scenarios()).collect();
        names.into_iter().flat_map(|name| self.changes_of(name, before)).collect()
    }

    /// A scenario's changes: the same on several labs are one.
    fn changes_of(&self, name: &str, before: &Self) -> Vec<Change> {
        let mut labs = Vec::new();
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (lab, run) in &self.labs {
            let Some(earlier) = before.labs.get(lab) else { continue };
            labs.push(lab.clone());
            for what in differences(earlier.scenarios.get(name), run.scenarios.get(name)) {
                found.entry(what).or_default().push(lab.clone());
            }
        }
        let change = |(what, on): (String, Vec<String>)| {
            let extent = match labs.as_slice() {
                [only] => Extent::OnlyLab(only.clone()),
                all if all.len() == on.len() => Extent::AllLabs,
                _ => Extent::SomeLabs(on),
            };
            Change { scenario: name.to_owned(), what, extent }
        };
        found.into_iter().map(change).collect()
    }
}

/// What is different about a scenario on one lab, in words that are the same where the difference is.
fn differences(before: Option<&Scenario>, now: Option<&Scenario>) -> Vec<String> {
    let (before, now) = match (before, now) {
        (Some(before), Some(now)) => (before, now),
        (None, Some(now)) => return vec![format!("new, {}", now.outcome.word())],
        (Some(_), None) => return vec!["not run any more".to_owned()],
        (None, None) => return Vec::new(),
    };
    let mut found = Vec::new();
    if before.outcome != now.outcome {
        found.push(format!("{} before, {} now", before.outcome.word(), now.outcome.word()));
    }
    if before.finding != now.finding && now.outcome != Outcome::Unfinished {
        let told = |finding: &Option<String>| finding.clone().unwrap_or_else(|| "no verdict".to_owned());
        found.push(format!(
            "the verdict was \"{}\", and is \"{}\"",
            told(&before.finding),
            told(&now.finding)
        ));
    }
    let snapshots: BTreeSet<&String> = before.seen.keys().chain(now.seen.keys()).collect();
    for snapshot in snapshots {
        if let (Some(was), Some(is)) = (before.seen.get(snapshot), now.seen.get(snapshot))
            && was != is
        {
            found.push(format!("{snapshot} shows another picture"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::LabRun;

    fn gate(labs: &[(&str, Outcome, &str)]) -> Gate {
        let run = |outcome, picture: &str| LabRun {
            scenarios: [(
                "docker1_pings_docker2".to_owned(),
                Scenario {
                    outcome,
                    source: None,
                    finding: None,
                    told: None,
                    remarks: Vec::new(),
                    seen: [("docker1_pings_docker2.machines".to_owned(), picture.to_owned())].into(),
                },
            )]
            .into(),
            ..LabRun::default()
        };
        let labs = labs.iter().map(|(lab, outcome, picture)| ((*lab).to_owned(), run(*outcome, picture)));
        Gate { labs: labs.collect() }
    }

    fn told(before: &Gate, now: &Gate) -> Vec<String> {
        let changes = now.changes_since(before);
        changes.iter().map(|change| format!("{}; {}", change.what, change.extent)).collect()
    }

    #[test]
    fn a_change_on_all_labs_is_the_behaviours_and_one_on_a_lab_is_the_labs() {
        let (netns, qemu) = ("netns", "qemu");
        let before = gate(&[(netns, Outcome::Passed, "x x"), (qemu, Outcome::Passed, "x x")]);
        assert_eq!(told(&before, &before), Vec::<String>::new());

        let all = gate(&[(netns, Outcome::Failed, "x -"), (qemu, Outcome::Failed, "x -")]);
        assert_eq!(
            told(&before, &all),
            [
                "docker1_pings_docker2.machines shows another picture; behaviour changed, on all labs",
                "passed before, failed now; behaviour changed, on all labs",
            ]
        );

        let one = gate(&[(netns, Outcome::Passed, "x x"), (qemu, Outcome::Inconclusive, "x x")]);
        assert_eq!(told(&before, &one), ["passed before, inconclusive now; this lab differs: qemu"]);
    }

    #[test]
    fn a_picture_that_was_blessed_anew_is_a_change_though_all_is_green() {
        let before = gate(&[("netns", Outcome::Passed, "x x"), ("qemu", Outcome::Passed, "x x")]);
        let now = gate(&[("netns", Outcome::Passed, "x 2"), ("qemu", Outcome::Passed, "x 2")]);
        let [change] = &now.changes_since(&before)[..] else { panic!("one change") };
        assert_eq!(change.extent, Extent::AllLabs);
    }

    #[test]
    fn one_lab_alone_can_not_tell_which_it_is() {
        let before = gate(&[("netns", Outcome::Passed, "x x")]);
        let now = gate(&[("netns", Outcome::Failed, "x x"), ("qemu", Outcome::Passed, "x x")]);
        assert_eq!(
            told(&before, &now),
            ["passed before, failed now; behaviour or lab: netns alone is in both gates"]
        );
    }

    #[test]
    fn what_is_not_run_any_more_is_told() {
        let before = gate(&[("netns", Outcome::Passed, "x x"), ("qemu", Outcome::Passed, "x x")]);
        let mut now = before.clone();
        now.labs.values_mut().for_each(|run| run.scenarios.clear());
        assert_eq!(told(&before, &now), ["not run any more; behaviour changed, on all labs"]);
        assert!(!now.is_open(), "a lab without scenarios has shown nothing");
    }
}
