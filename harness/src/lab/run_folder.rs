//! The folder of a test run, and its scenarios' folders in it.

use std::{fs, io, os::unix::fs::symlink};

use camino::{Utf8Path, Utf8PathBuf};

use super::{LabError, Settings, runner::Runner};

/// The folder of the run that this process is part of, made where it is not there yet: the one that its scenarios'
/// evidence is in.
///
/// # Errors
/// Where the runner can't be told, or the folder can't be made.
pub fn run_folder(settings: &Settings) -> Result<Utf8PathBuf, LabError> {
    let runner = Runner::of_this_process().map_err(LabError::keeper("identify the test runner"))?;
    let run = of(&runner, settings)?;
    make(&run)?;
    Ok(run)
}

/// The folder of this run. It is the same for all scenarios of a run.
pub(super) fn of(runner: &Runner, settings: &Settings) -> Result<Utf8PathBuf, LabError> {
    let name = runner.run_name().map_err(LabError::keeper("name the run's folder"))?;
    Ok(settings.runs.join(name))
}

/// Makes the run's folder where it is not there yet; whether it was made.
pub(super) fn make(run: &Utf8Path) -> Result<bool, LabError> {
    let runs = run.parent().unwrap_or(run);
    fs::create_dir_all(runs).map_err(cant_write(runs))?;
    match fs::create_dir(run) {
        Ok(()) => {
            let _ = point_latest_at(runs, run);
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(cant_write(run)(error)),
    }
}

/// Makes a scenario's folder, which must not be there.
pub(super) fn make_for_scenario(run: &Utf8Path, scenario: &str) -> Result<Utf8PathBuf, LabError> {
    let folder = run.join(scenario);
    fs::create_dir(&folder).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => LabError::NameTaken { folder: folder.clone() },
        _ => cant_write(&folder)(source),
    })?;
    Ok(folder)
}

pub(super) fn cant_write(path: &Utf8Path) -> impl FnOnce(io::Error) -> LabError + use<> {
    let path = path.to_owned();
    move |source| LabError::Write { path, source }
}

/// Makes `latest` a link to the run.
fn point_latest_at(runs: &Utf8Path, run: &Utf8Path) -> io::Result<()> {
    let fresh = runs.join(format!(".latest-{}", std::process::id()));
    symlink(run.file_name().unwrap_or_default(), &fresh)?;
    fs::rename(&fresh, runs.join("latest"))
}
