//! From run folders to a table.

use std::{collections::BTreeSet, fs, io};

use camino::Utf8Path;
use serde_json::Value;

use super::{Gate, LabRun, Scenario};
use crate::{
    ladder::Ladder,
    report::{Outcome, ScenarioResult},
    run_folder::RunFolder,
};

/// A lab's folder has the tests' exit status in it, on a line: `status`, or `status-1` and so on of several parts.
const STATUS: &str = "status";
/// And the tests that were left out, as libtest lists them (`--ignored --list --format terse`): each part's are all.
const IGNORED: &str = "ignored";

impl Gate {
    /// Reads a folder with a folder for each lab, each with the folders of its runs; or one run's folder.
    ///
    /// # Errors
    /// Where it can't be read.
    pub fn of(folder: &Utf8Path) -> io::Result<Self> {
        let mut gate = Self::default();
        for name in folders(folder)? {
            if ScenarioResult::read(&folder.join(name))?.is_some() {
                return Self::of_run(folder);
            }
        }
        for lab in folders(folder)? {
            gate.labs.insert(lab.clone(), LabRun::of(&folder.join(&lab))?);
        }
        Ok(gate)
    }

    /// The lab is what the run's scenarios say.
    fn of_run(folder: &Utf8Path) -> io::Result<Self> {
        let mut run = LabRun::default();
        let mut lab = None;
        run.add(folder, |result| lab = lab.or(result.lab))?;
        let lab = lab.map_or_else(|| "lab".to_owned(), |lab| lab.to_string());
        Ok(Self { labs: [(lab, run)].into() })
    }
}

impl LabRun {
    fn of(folder: &Utf8Path) -> io::Result<Self> {
        let mut run = Self { status: status(folder)?, ignored: ignored(folder)?, ..Self::default() };
        for name in folders(folder)? {
            run.add(&folder.join(name), |_| ())?;
        }
        Ok(run)
    }

    /// Adds the scenarios of a run. Of one that ran several times the worst counts.
    fn add(&mut self, folder: &Utf8Path, mut tell: impl FnMut(&ScenarioResult)) -> io::Result<()> {
        for name in folders(folder)? {
            let path = folder.join(&name);
            let Some(result) = ScenarioResult::read(&path)? else { continue };
            tell(&result);
            self.machines.get_or_insert_with(|| result.machines.clone());
            let scenario = scenario(&path, result);
            let is_worse = self.scenarios.get(&name).is_none_or(|known| known.outcome == Outcome::Passed);
            if is_worse {
                self.scenarios.insert(name, scenario);
            }
        }
        Ok(())
    }
}

/// The first status of the parts' that is not 0, if any was noted.
fn status(folder: &Utf8Path) -> io::Result<Option<i32>> {
    let mut statuses = Vec::new();
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_name().starts_with(STATUS) {
            // What can't be read is no success.
            statuses.push(fs::read_to_string(entry.path())?.trim().parse().unwrap_or(1));
        }
    }
    Ok(statuses.iter().find(|status| **status != 0).or(statuses.first()).copied())
}

/// The names of the tests that were left out.
fn ignored(folder: &Utf8Path) -> io::Result<BTreeSet<String>> {
    let listed = match fs::read(folder.join(IGNORED)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        listed => listed?,
    };
    let listed = String::from_utf8_lossy(&listed);
    Ok(listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

fn scenario(folder: &Utf8Path, result: ScenarioResult) -> Scenario {
    let verdict: Option<Value> =
        fs::read(folder.join("verdict.json")).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let is_inconclusive = verdict.as_ref().is_some_and(|verdict| verdict["verdict"] == "inconclusive");
    // One that failed for want of good evidence is inconclusive.
    let outcome = match result.outcome {
        Outcome::Failed if is_inconclusive => Outcome::Inconclusive,
        outcome => outcome,
    };
    Scenario {
        told: (outcome != Outcome::Passed).then(|| told(folder)).flatten(),
        outcome,
        source: result.source,
        finding: verdict.as_ref().map(finding),
        remarks: result.remarks,
        seen: result.seen,
    }
}

/// A verdict in a line: what of it can be compared between labs.
fn finding(verdict: &Value) -> String {
    let words = |field: &str| verdict[field].as_str().unwrap_or_default().to_owned();
    match (words("verdict").as_str(), words("cause")) {
        ("fail", cause) => format!("fail: {} ({cause})", words("explanation")),
        (verdict, _) => verdict.to_owned(),
    }
}

/// The ladder and the verdict, where something was captured.
fn told(folder: &Utf8Path) -> Option<String> {
    let case = RunFolder::open(folder, None).and_then(|run| run.case(None)).ok()?;
    let judgement = case.judge();
    let ladder = Ladder::draw(&judgement.journeys, &case.topology);
    Some(format!("{ladder}\n{}", judgement.explain(&case)))
}

/// The names of the folders in a folder; a link, as `latest` is, is none.
fn folders(folder: &Utf8Path) -> io::Result<Vec<String>> {
    let failed = |error: io::Error| io::Error::new(error.kind(), format!("failed to read {folder}: {error}"));
    let mut names = Vec::new();
    for entry in folder.read_dir_utf8().map_err(failed)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libtest_has_left_out_is_read() {
        let folder = camino_tempfile::tempdir().unwrap();
        let lab = folder.path().join("netns");
        fs::create_dir(&lab).unwrap();
        fs::write(lab.join(IGNORED), "macvlan::vlan::case_1: test\nhazardous::reboot: test\n").unwrap();
        let gate = Gate::of(folder.path()).unwrap();
        let names: Vec<&str> = gate.labs["netns"].ignored.iter().map(String::as_str).collect();
        assert_eq!(names, ["hazardous::reboot", "macvlan::vlan::case_1"]);
    }
}
