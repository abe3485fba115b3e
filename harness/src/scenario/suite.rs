//! Where a test suite has its things.

use std::{cell::OnceCell, panic::Location};

use camino::{Utf8Path, Utf8PathBuf};

use super::{LeasedLab, ScenarioError, interrupt::interrupted};
use crate::{
    Progress,
    lab::{Event, Lab, Settings, run_folder},
    report::Source,
};

/// A package's scenarios: their topology and their snapshots. [`suite!`](crate::suite) makes it.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// The topology's file, where `LAB_TOPOLOGY` names no other.
    pub topology: &'static str,
    /// The snapshots' folder.
    pub snapshots: &'static str,
    /// A folder in the package's target folder; runs have theirs beside it, in `e2e`, where `LAB_RUNS` names no other.
    pub scratch: &'static str,
    /// The command whose verb `keep` holds labs: `lab`, or one that calls [`keeper::main`](crate::keeper::main).
    pub lab_command: &'static str,
}

/// The suite of the package whose test this stands in: the topology's and the snapshots' paths from the package's folder, and
/// the name of the package's own command (`[[bin]]`) that holds labs.
///
/// ```ignore
/// const SUITE: Suite = harness::suite!("topology.toml", "snapshots", "keeper");
/// ```
#[macro_export]
macro_rules! suite {
    ($topology:literal, $snapshots:literal, $command:literal) => {
        $crate::scenario::Suite {
            topology: concat!(env!("CARGO_MANIFEST_DIR"), "/", $topology),
            snapshots: concat!(env!("CARGO_MANIFEST_DIR"), "/", $snapshots),
            scratch: env!("CARGO_TARGET_TMPDIR"),
            lab_command: env!(concat!("CARGO_BIN_EXE_", $command)),
        }
    };
}

impl Suite {
    /// Leases the lab that `LAB` asks for; `scenario` is the name of the scenario's folder, and unique in the suite.
    ///
    /// # Errors
    /// Where the lab can't be had, with the reason.
    #[track_caller]
    pub fn lab(self, scenario: &str) -> impl Future<Output = Result<LeasedLab, ScenarioError>> {
        self.lab_at(Location::caller(), scenario)
    }

    async fn lab_at(self, place: &Location<'_>, scenario: &str) -> Result<LeasedLab, ScenarioError> {
        let source = Source { file: place.file().to_owned(), line: place.line() };
        show_errors_unbroken();
        let progress = OnceCell::new();
        let tell = |event: &Event| progress.get_or_init(Progress::in_lines).tell(event);
        let settings = self.settings()?;
        let lab = tokio::select! {
            biased;
            () = interrupted() => return Err(ScenarioError::Interrupted),
            lab = Lab::lease(&settings, scenario, tell) => lab?,
        };
        LeasedLab::begin(lab, self.snapshots.into(), source)
    }

    /// The folder of this run: what its scenarios leave is in it.
    ///
    /// # Errors
    /// Where the environment asks for something that is not there, or the folder can't be made.
    pub fn run_folder(self) -> Result<Utf8PathBuf, ScenarioError> {
        Ok(run_folder(&self.settings()?)?)
    }

    fn settings(self) -> Result<Settings, ScenarioError> {
        let runs = Utf8Path::new(self.scratch).with_file_name("e2e");
        Ok(Settings::from_environment(self.topology.into(), &runs, self.lab_command.into())?)
    }
}

/// Names, paths and commands in an error are to be copied: no line is broken.
fn show_errors_unbroken() {
    // Another scenario of this process may have set it already.
    let _ =
        miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())));
}
