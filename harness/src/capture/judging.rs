//! A scenario's verdict, made from what its folder holds: whoever reads that later comes to the same.

use std::fmt;

use camino::Utf8Path;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{CaptureError, recording::write};
use crate::{
    diagnosis::{Case, Judgement, Verdict},
    lab::{Lab, LabError},
    ladder::Ladder,
    run_folder::RunFolder,
    state::{Extent, States, UNREADABLE, complaints, gather},
    topology::Topology,
};

/// What the machines were like around an exchange, as their tools told it.
#[derive(Debug, Serialize)]
pub(super) struct Around {
    pub(super) before: Map<String, Value>,
    pub(super) after: Map<String, Value>,
    /// How much was read afterwards.
    #[serde(skip)]
    pub(super) extent: Extent,
}

impl Around {
    /// Whether each machine has told all that there is to ask behind the exchange.
    fn tell_all_afterwards(&self) -> bool {
        self.extent == Extent::All && self.after.values().all(|state| state.get(UNREADABLE).is_none())
    }
}

/// A judgement in words.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) ladder: String,
    verdict: String,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.ladder, self.verdict)
    }
}

/// A folder's verdict.
pub(super) struct Judged {
    pub(super) told: Told,
    /// Why nothing can be said, if so.
    pub(super) weaknesses: Vec<String>,
}

/// Writes what is known of the machines, judges the folder, and writes the verdict; nothing where nothing was asked.
pub(super) async fn judge(
    lab: &Lab,
    mut states: Around,
    is_odd: bool,
) -> Result<Option<Judged>, CaptureError> {
    let folder = lab.folder();
    write(&folder.join(Topology::FILE_NAME), lab.topology().to_toml().as_bytes())?;
    write_json(&folder.join(States::FILE_NAME), &states)?;
    let mut judged = read_and_judge(folder);
    // What costs more is read only where there is something to explain.
    let is_to_explain =
        is_odd || judged.as_ref().is_some_and(|(_, judgement)| judgement.verdict != Verdict::Pass);
    if is_to_explain && !states.tell_all_afterwards() {
        states.after = gather(lab, Extent::All).await;
        write_json(&folder.join(States::FILE_NAME), &states)?;
        judged = read_and_judge(folder);
    }
    let judged = judged.map(|(case, judgement)| {
        let told = write_and_tell(folder, &case, &judgement)?;
        let weaknesses = match judgement.verdict {
            Verdict::Inconclusive { weaknesses } => weaknesses,
            _ => Vec::new(),
        };
        Ok::<_, LabError>(Judged { told, weaknesses })
    });
    fail_on_complaints(&states, folder)?;
    Ok(judged.transpose()?)
}

/// Judges a folder and writes the verdict, which is returned in words.
pub(super) fn tell(folder: &Utf8Path) -> Result<Option<Told>, LabError> {
    read_and_judge(folder).map(|(case, judgement)| write_and_tell(folder, &case, &judgement)).transpose()
}

fn write_and_tell(folder: &Utf8Path, case: &Case, judgement: &Judgement) -> Result<Told, LabError> {
    let explanation = judgement.explain(case);
    write_json(&folder.join("verdict.json"), &explanation)?;
    let ladder = Ladder::draw(&judgement.journeys, &case.topology).to_string();
    Ok(Told { ladder, verdict: explanation.to_string() })
}

/// A folder without a probe is nothing to judge, and a broken one its own reader's to complain of.
fn read_and_judge(folder: &Utf8Path) -> Option<(Case, Judgement)> {
    let case = RunFolder::open(folder, None).and_then(|folder| folder.case(None));
    let case = case.inspect_err(|error| tracing::warn!(%error, "there is no verdict")).ok()?;
    let judgement = case.judge();
    Some((case, judgement))
}

/// A kernel that complained during the exchange makes it red, whatever its frames say.
fn fail_on_complaints(states: &Around, folder: &Utf8Path) -> Result<(), CaptureError> {
    for (machine, after) in &states.after {
        let since = states.before.get(machine).and_then(|before| before["uptime"].as_f64());
        let Some((since, log)) = since.zip(after["kernel_log"].as_str()) else { continue };
        let lines = complaints(log, since);
        if !lines.is_empty() {
            return Err(CaptureError::Kernel { machine: machine.clone(), lines, folder: folder.to_owned() });
        }
    }
    Ok(())
}

fn write_json(path: &Utf8Path, value: &impl Serialize) -> Result<(), LabError> {
    let json = serde_json::to_vec(value)
        .map_err(|error| LabError::Write { path: path.to_owned(), source: error.into() })?;
    write(path, &json)
}
