//! From a scenario's folder to what the page tells of it.

use std::io;

use camino::Utf8Path;

use super::{Finding, Outcome, ScenarioReport, ScenarioResult};
use crate::{diagnosis::Verdict, run_folder::RunFolder};

/// What a scenario's folder has beside captures that is worth a link.
const FILES: [&str; 5] = ["pictures.txt", "recording.json", "state.json", "verdict.json", "scenario.log"];

impl ScenarioReport {
    /// Judges a scenario's folder.
    pub(super) fn of(folder: &Utf8Path, result: ScenarioResult) -> io::Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_owned();
        let (finding, unread) = match finding(folder) {
            Ok(finding) => (Some(finding), None),
            Err(reason) => (None, Some(reason)),
        };
        // A scenario that passed without captures has nothing to draw.
        let remarks = result.remarks.into_iter().chain(unread.filter(|_| result.outcome != Outcome::Passed));
        Ok(Self {
            outcome: with_evidence(result.outcome, finding.as_ref()),
            machines: result.machines,
            remarks: remarks.collect(),
            differences: result.differences,
            files: files(folder, &name)?,
            finding,
            name,
        })
    }

    /// A scenario that is still running, or was killed: its captures may not be whole.
    pub(super) fn begun(folder: &Utf8Path, result: ScenarioResult) -> io::Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_owned();
        let ScenarioResult { outcome, machines, differences, mut remarks, .. } = result;
        remarks.push(
            "it had not ended when this was written: `lab report` judges what it has captured".to_owned(),
        );
        let files = files(folder, &name)?;
        Ok(Self { name, outcome, machines, finding: None, differences, remarks, files })
    }
}

/// A scenario that failed for want of good evidence is inconclusive.
fn with_evidence(outcome: Outcome, finding: Option<&Finding>) -> Outcome {
    match finding.map(|finding| &finding.judgement.verdict) {
        Some(Verdict::Inconclusive { .. }) if outcome == Outcome::Failed => Outcome::Inconclusive,
        _ => outcome,
    }
}

fn finding(folder: &Utf8Path) -> Result<Finding, String> {
    let case =
        RunFolder::open(folder, None).and_then(|run| run.case(None)).map_err(|error| error.to_string())?;
    let judgement = case.judge();
    let explanation = judgement.explain(&case);
    Ok(Finding { topology: case.topology, judgement, explanation })
}

/// The files to link to, relative to the run's folder.
fn files(folder: &Utf8Path, name: &str) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        let file = entry.file_name();
        if file.ends_with(".pcap") || FILES.contains(&file) {
            found.push(format!("{name}/{file}"));
        }
    }
    found.sort();
    Ok(found)
}
