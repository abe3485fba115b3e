//! A lab that stands while something is measured in it.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde::Deserialize;

use super::hyperfine::line;

/// A lab without containers, by `lab up --bare`. Dropping it ends it; where that does not come to pass, `lab down` does.
pub struct Lab {
    provider: &'static str,
    pub status: Status,
}

/// What `lab status --format json` says of it.
#[derive(Deserialize)]
pub struct Status {
    pub keeper: u32,
    pub ssh_config: Utf8PathBuf,
}

/// The topology of the measured labs: the tutorial's, in a file of their own, so that no other lab is found in their place.
pub fn topology() -> miette::Result<Utf8PathBuf> {
    let path = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("measured.toml");
    let text = include_str!("../../fixtures/topologies/lab.toml");
    if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
        std::fs::write(&path, text).into_diagnostic().wrap_err_with(|| format!("failed to write {path}"))?;
    }
    Ok(path)
}

/// The words of a command of `lab` on that topology's lab.
pub fn words(verb: &str, provider: &str) -> miette::Result<Vec<String>> {
    let topology = topology()?;
    let words = [env!("CARGO_BIN_EXE_lab"), verb, "--lab", provider, "--topology", topology.as_str()];
    Ok(words.map(str::to_owned).to_vec())
}

/// A shell's line that brings such a lab up and ends it.
pub fn up_and_down(provider: &str) -> miette::Result<String> {
    Ok(format!("{} --bare && {}", line(&words("up", provider)?), line(&words("down", provider)?)))
}

impl Lab {
    pub fn up(provider: &'static str) -> miette::Result<Self> {
        run(&[&words("up", provider)?[..], &["--bare".to_owned()]].concat())?;
        let format = ["--format", "json"].map(str::to_owned);
        let said = run(&[&words("status", provider)?[..], &format].concat())?;
        Ok(Self { provider, status: serde_json::from_slice(&said).into_diagnostic()? })
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Err(error) = words("down", self.provider).and_then(|words| run(&words)) {
            eprintln!("{error:?}");
        }
    }
}

/// Runs a command, and returns what it printed.
pub fn run(words: &[String]) -> miette::Result<Vec<u8>> {
    let output = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .output()
        .into_diagnostic()
        .wrap_err_with(|| format!("failed to start {}", words[0]))?;
    if !output.status.success() {
        miette::bail!("{} fails: {}", words.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
