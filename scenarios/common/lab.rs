//! The lab that a scenario gets.

use camino::Utf8Path;
use harness::lab::{Event, Lab, Settings};

/// Leases the lab that `LAB` asks for.
pub async fn lab(scenario: &str) -> miette::Result<Lab> {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    let command = Utf8Path::new(env!("CARGO_BIN_EXE_lab"));
    let settings =
        Settings::from_environment(&root.join("fixtures/topologies/tutorial.toml"), &runs, command)?;
    Ok(Lab::lease(&settings, scenario, |event: Event| eprintln!("{}", event.text)).await?)
}
