//! The passes over a capture, as criterion measured them, beside what pcap-parser takes to walk the file.

use std::fs;

use camino::Utf8Path;
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde::Deserialize;

use super::{
    generated_capture,
    lab::run,
    peers::Peers,
    table::{Goal, Table},
};

/// Of criterion's `estimates.json`.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    /// In nanoseconds.
    point_estimate: f64,
}

/// Runs `benches/passes.rs`.
pub fn measure(_: &Peers, table: &mut Table) -> miette::Result<()> {
    let words = [env!("CARGO"), "bench", "--bench", "passes", "--", "--noplot"];
    run(&words.map(str::to_owned))?;
    let walk = seconds("walk")?;
    let what = |pass: &str| format!("{pass}, {} frames in memory", generated_capture::FRAMES);
    table.compare(&what("reading and decoding"), seconds("frames")?, "pcap-parser's walk", walk, None);
    let both = seconds("transcript")? + seconds("journeys")?;
    table.compare(
        &what("transcript and journeys"),
        both,
        "pcap-parser's walk",
        walk,
        Some(Goal::AtMost(3.0)),
    );
    Ok(())
}

fn seconds(pass: &str) -> miette::Result<f64> {
    let path = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"))
        .with_file_name("criterion/passes")
        .join(pass)
        .join("new/estimates.json");
    let text = fs::read(&path).into_diagnostic().wrap_err_with(|| format!("failed to read {path}"))?;
    let estimates: Estimates = serde_json::from_slice(&text).into_diagnostic()?;
    Ok(estimates.median.point_estimate / 1e9)
}
