//! Commands, measured by hyperfine.

use std::{
    fs,
    process::{Command, Stdio},
};

use camino::Utf8Path;
use harness::machine::quoted;
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde::Deserialize;

use super::peers::Peers;

/// What a command took, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// From its start to its end: the median of its runs.
    pub seconds: f64,
    /// The most memory that it had, in bytes.
    pub memory: u64,
}

#[derive(Deserialize)]
struct Export {
    results: Vec<Measured>,
}

#[derive(Deserialize)]
struct Measured {
    median: f64,
    memory_usage_byte: Vec<u64>,
}

/// A shell's line of these words.
pub fn line(words: &[impl AsRef<str>]) -> String {
    words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// Runs a command once to warm up and then `runs` times.
pub fn measure(peers: &Peers, runs: usize, words: &[impl AsRef<str>]) -> miette::Result<Taken> {
    run(Command::new(peers.hyperfine()), runs, words, &[])
}

/// The same of a command that has to be undone each time, which is not measured; all of it by `within`, a command that runs others.
pub fn measure_undone(
    peers: &Peers,
    within: Option<Command>,
    runs: usize,
    words: &[impl AsRef<str>],
    undo: &str,
) -> miette::Result<Taken> {
    let hyperfine = match within {
        Some(mut within) => {
            within.arg(peers.hyperfine());
            within
        }
        None => Command::new(peers.hyperfine()),
    };
    run(hyperfine, runs, words, &["--conclude", undo])
}

fn run(
    mut hyperfine: Command,
    runs: usize,
    words: &[impl AsRef<str>],
    options: &[&str],
) -> miette::Result<Taken> {
    let export = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("hyperfine.json");
    // Split into words again as a shell would.
    let command = line(words);
    let (warmup, runs) = (usize::from(runs > 1).to_string(), runs.to_string());
    let output = hyperfine
        .args(options)
        .args(["--shell=none", "--style=none", "--warmup", &warmup, "--runs", &runs, "--export-json"])
        .args([export.as_str(), &command])
        .stdin(Stdio::null())
        .output()
        .into_diagnostic()
        .wrap_err("failed to start hyperfine")?;
    if !output.status.success() {
        miette::bail!("hyperfine can't measure `{command}`: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = fs::read(&export).into_diagnostic().wrap_err("failed to read what hyperfine measured")?;
    let Export { results } = serde_json::from_slice(&text).into_diagnostic()?;
    let [Measured { median, memory_usage_byte }] = &results[..] else {
        miette::bail!("hyperfine measured {} commands in place of one", results.len());
    };
    let memory = memory_usage_byte.iter().copied().max().unwrap_or_default();
    Ok(Taken { seconds: *median, memory })
}
