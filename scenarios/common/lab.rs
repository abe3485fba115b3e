//! The lab that a scenario gets.

use std::{cell::OnceCell, fs::File, ops::Deref, sync::Mutex};

use camino::Utf8Path;
use harness::{
    Progress,
    lab::{Event, Lab, Settings},
};
use miette::IntoDiagnostic as _;
use tracing::subscriber::DefaultGuard;

/// A leased lab whose commands are logged to `scenario.log` in the scenario's folder.
pub struct LeasedLab {
    lab: Lab,
    _log: DefaultGuard,
}

impl Deref for LeasedLab {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        &self.lab
    }
}

/// Leases the lab that `LAB` asks for.
#[allow(dead_code, reason = "some test targets have a lab of their own")]
pub async fn lab(scenario: &str) -> miette::Result<LeasedLab> {
    lab_of("tutorial", scenario).await
}

/// Leases a lab of another of the topologies in `fixtures/topologies`.
pub async fn lab_of(topology: &str, scenario: &str) -> miette::Result<LeasedLab> {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    let command = Utf8Path::new(env!("CARGO_BIN_EXE_lab"));
    let topology = root.join("fixtures/topologies").join(topology).with_extension("toml");
    show_errors_unbroken();
    let settings = Settings::from_environment(&topology, &runs, command)?;
    let progress = OnceCell::new();
    let tell = |event: &Event| progress.get_or_init(Progress::start).phase(event);
    let lab = Lab::lease(&settings, scenario, tell).await?;
    let log = File::create(lab.folder().join("scenario.log")).into_diagnostic()?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(Mutex::new(log))
        .log_internal_errors(false)
        .finish();
    Ok(LeasedLab { lab, _log: tracing::subscriber::set_default(subscriber) })
}

/// Names, paths and commands in an error are to be copied: no line is broken.
fn show_errors_unbroken() {
    // Another scenario of this process may have set it already.
    let _ =
        miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())));
}
