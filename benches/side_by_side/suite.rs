//! The scenarios, as `cargo test` runs them.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;
use serde::Deserialize;

use super::lab::{self, run};

/// The tutorial's own scenario.
pub const TUTORIAL: &str = "tutorial::conclusions::docker1_pings_docker2_who_answers_for_itself";

/// A message of cargo's that names an executable.
#[derive(Deserialize)]
struct Message {
    executable: Option<Utf8PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Builds the scenarios as `cargo test --test e2e` does, and returns their executable.
pub fn executable() -> miette::Result<Utf8PathBuf> {
    let words = ["test", "--no-run", "--test", "e2e", "--message-format", "json"].map(str::to_owned);
    let said = run(&[&[env!("CARGO").to_owned()], &words[..]].concat())?;
    let said = String::from_utf8(said).into_diagnostic()?;
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let is_e2e = |message: &Message| message.target.as_ref().is_some_and(|target| target.name == "e2e");
    let executable = messages.filter(is_e2e).find_map(|message| message.executable);
    executable.ok_or_else(|| miette::miette!("cargo names no executable for the scenarios"))
}

/// The command that the scenarios start their keepers with.
pub fn command_lab(executable: &Utf8Path) -> Utf8PathBuf {
    let deps = executable.parent().unwrap_or(executable);
    deps.with_file_name("lab")
}

/// How many tests passed, by libtest's last words.
pub fn passed(said: &str) -> miette::Result<u32> {
    let words = said.lines().filter_map(|line| line.strip_prefix("test result: ok. ")).next_back();
    let count = words.and_then(|words| words.split(' ').next()?.parse().ok());
    count.ok_or_else(|| miette::miette!("the tests do not say how many passed: {said}"))
}

/// The folder of the last run.
pub fn last_run() -> Utf8PathBuf {
    runs().join("latest")
}

fn runs() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("measured")
}

/// The variables of a run on `provider`, whose folders are not among those of other runs.
pub fn environment(provider: &str) -> miette::Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("LAB", provider.to_owned()),
        ("LAB_TOPOLOGY", lab::topology()?.into_string()),
        ("LAB_RUNS", runs().into_string()),
        ("INSTA_UPDATE", "no".to_owned()),
    ])
}

/// A run of the scenarios that these words choose.
pub fn command(executable: &Utf8Path, provider: &str, words: &[&str]) -> miette::Result<Command> {
    let mut command = Command::new(executable);
    command.args(words).envs(environment(provider)?).current_dir(env!("CARGO_MANIFEST_DIR"));
    Ok(command)
}
