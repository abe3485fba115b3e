//! How often a run's scenarios waited for a node.

use std::fs;

use camino::Utf8Path;
use miette::IntoDiagnostic as _;
use serde::Deserialize;

/// A line of a scenario's log, as far as it tells of that.
#[derive(Deserialize)]
struct Line {
    fields: Fields,
}

#[derive(Deserialize)]
struct Fields {
    round_trips: Option<u32>,
}

/// The most that a scenario of the run took for a node, the keeper's own to clean up among them.
pub fn most(run: &Utf8Path) -> miette::Result<u32> {
    let mut most = None;
    for entry in run.read_dir_utf8().into_diagnostic()? {
        let Ok(log) = fs::read_to_string(entry.into_diagnostic()?.path().join("scenario.log")) else {
            continue;
        };
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        most = most.max(lines.filter_map(|line| line.fields.round_trips).max());
    }
    Ok(1 + most.ok_or_else(|| miette::miette!("no scenario in {run} tells of its round trips"))?)
}
