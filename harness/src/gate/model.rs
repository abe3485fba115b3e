//! A gate's table.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::report::{Outcome, Source};

/// All scenarios on all chosen labs: what `gate.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The runs on each lab, by the names of the labs' folders.
    pub labs: BTreeMap<String, LabRun>,
}

/// The scenarios' runs on one lab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabRun {
    /// What it is made of.
    pub machines: Option<String>,
    /// How the tests ended that ran there, where that was noted: their exit status. A test that fails before it has a
    /// lab leaves nothing else.
    pub status: Option<i32>,
    /// The tests that were left out there, where that was noted: they need what the lab lacks, and leave nothing else.
    #[serde(default)]
    pub ignored: BTreeSet<String>,
    /// What became of each scenario.
    pub scenarios: BTreeMap<String, Scenario>,
}

/// A scenario on one lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// How it ended.
    pub outcome: Outcome,
    /// Where it is written.
    pub source: Option<Source>,
    /// The verdict about its probe, where one was sent, with place and cause: `fail: lost between … (bridge-netfilter)`.
    pub finding: Option<String>,
    /// The ladder and the verdict in words, of one that did not pass.
    pub told: Option<String>,
    /// What else there is to say, a sentence each.
    pub remarks: Vec<String>,
    /// The texts that were compared with snapshots, by the snapshots' names.
    pub seen: BTreeMap<String, String>,
}

impl Gate {
    /// Whether nothing is red or inconclusive: each lab has scenarios, all of them passed, and the tests as a whole did.
    pub fn is_open(&self) -> bool {
        !self.labs.is_empty() && self.labs.values().all(LabRun::is_good)
    }

    /// The names of all scenarios, on whatever lab they ran.
    pub fn scenarios(&self) -> BTreeSet<&str> {
        self.labs.values().flat_map(|run| run.scenarios.keys().map(String::as_str)).collect()
    }
}

impl LabRun {
    /// Whether all is as it should be there.
    pub fn is_good(&self) -> bool {
        let passed = |scenario: &Scenario| scenario.outcome == Outcome::Passed;
        self.status.is_none_or(|status| status == 0)
            && !self.scenarios.is_empty()
            && self.scenarios.values().all(passed)
    }
}
