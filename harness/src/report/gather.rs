//! From a run's folder to its page.

use std::{
    fs::{self, File},
    io,
};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Outcome, Piece, RunReport, ScenarioReport, ScenarioResult};

/// The page's file in a run's folder.
const PAGE: &str = "report.html";

impl RunReport {
    /// Judges all scenarios of a run's folder anew, writes the page there, and returns its path.
    ///
    /// # Errors
    /// Where the folder can't be read or written. A scenario whose captures can't be read is shown without a drawing.
    pub fn write_anew(run: &Utf8Path) -> io::Result<Utf8PathBuf> {
        compose(run, judged)
    }

    /// Adds a scenario that has ended to the page of the run whose folder its own is in. The others are not judged again, and those
    /// that have not ended not yet.
    ///
    /// # Errors
    /// As [`Self::write_anew`].
    pub fn add(scenario: &Utf8Path) -> io::Result<Utf8PathBuf> {
        let scenario = scenario.canonicalize_utf8()?;
        judged(&scenario)?;
        compose(scenario.parent().unwrap_or(&scenario), |folder| match Piece::read(folder)? {
            Some(piece) => Ok(Some(piece)),
            None => begun(folder),
        })
    }
}

/// A scenario's part, drawn and kept; `None` where the folder is no scenario's.
fn judged(folder: &Utf8Path) -> io::Result<Option<Piece>> {
    let Some(result) = ScenarioResult::read(folder)? else { return Ok(None) };
    Piece::of(&ScenarioReport::of(folder, result)?).write(folder).map(Some)
}

/// The part of a scenario that has none yet: it has not ended, or is about to write it, or was killed.
fn begun(folder: &Utf8Path) -> io::Result<Option<Piece>> {
    let Some(result) = ScenarioResult::read(folder)? else { return Ok(None) };
    let report = match result.outcome {
        Outcome::Unfinished => ScenarioReport::begun(folder, result)?,
        _ => ScenarioReport::of(folder, result)?,
    };
    Ok(Some(Piece::of(&report)))
}

/// Writes the page from its pieces, in one piece. Several scenarios may end at once: whoever is last has all.
fn compose(
    run: &Utf8Path,
    piece: impl Fn(&Utf8Path) -> io::Result<Option<Piece>>,
) -> io::Result<Utf8PathBuf> {
    let run = run.canonicalize_utf8()?;
    let turn = File::open(&run)?;
    turn.lock()?;
    let mut report = RunReport { name: run.file_name().unwrap_or_default().to_owned(), pieces: Vec::new() };
    for entry in run.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            report.pieces.extend(piece(entry.path())?);
        }
    }
    let path = run.join(PAGE);
    let part = path.with_extension(format!("html.{}", std::process::id()));
    fs::write(&part, report.to_html())?;
    fs::rename(&part, &path)?;
    Ok(path)
}
