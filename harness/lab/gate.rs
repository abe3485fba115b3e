//! `lab gate`: whether all scenarios passed on all chosen labs, and what has changed since the last time.

use std::{fs, process::ExitCode};

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};
use harness::gate::{Change, Gate, annotations};
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde::Serialize;

use super::{exit_code, format::print_json, lab_options::run_folder, print_line::print_line};

#[derive(Args)]
pub struct Options {
    /// A folder with a folder for each lab, each with its runs' folders; or one run's folder. `latest` is the last run's.
    #[arg(default_value = "latest")]
    folder: Utf8PathBuf,
    /// The last gate's `gate.json`, to tell what has changed since.
    #[arg(long)]
    since: Option<Utf8PathBuf>,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table of scenarios by labs, the ladders of what did not pass, and what has changed.
    Markdown,
    /// One object: is_open, changes, labs.
    Json,
    /// An annotation at the source line of each scenario that did not pass, in GitHub's words.
    Github,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Told<'a> {
    is_open: bool,
    changes: Option<&'a [Change]>,
    #[serde(flatten)]
    gate: &'a Gate,
}

/// Writes `gate.md` and `gate.json` into the folder and prints one of them: success if nothing is red or inconclusive.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let opened = run_folder(&options.folder)
        .and_then(|folder| open(&folder, options.since.as_deref()).map(|gates| (folder, gates)));
    let (folder, (gate, before)) = match opened {
        Ok(opened) => opened,
        Err(report) => return Ok(exit_code::of_refusal(&report)),
    };
    let changes = before.map(|before| gate.changes_since(&before));
    let markdown = gate.to_markdown(changes.as_deref());
    let told = Told { is_open: gate.is_open(), changes: changes.as_deref(), gate: &gate };
    write(&folder.join("gate.md"), markdown.as_bytes())?;
    write(&folder.join("gate.json"), &serde_json::to_vec_pretty(&told).into_diagnostic()?)?;
    match options.format {
        Format::Markdown => print_line(markdown.trim_end()),
        Format::Json => print_json(&told)?,
        Format::Github => annotations(&gate).iter().for_each(print_line),
    }
    Ok(if gate.is_open() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The gate of a folder, and the last one.
fn open(folder: &Utf8Path, since: Option<&Utf8Path>) -> miette::Result<(Gate, Option<Gate>)> {
    let gate = Gate::of(folder).map_err(|error| miette::miette!("{error}"))?;
    Ok((gate, since.map(read).transpose()?))
}

fn read(path: &Utf8Path) -> miette::Result<Gate> {
    let failed = || format!("failed to read the last gate {path}");
    let text = fs::read(path).into_diagnostic().wrap_err_with(failed)?;
    serde_json::from_slice(&text).into_diagnostic().wrap_err_with(failed)
}

fn write(path: &Utf8Path, text: &[u8]) -> miette::Result<()> {
    fs::write(path, text).into_diagnostic().wrap_err_with(|| format!("failed to write {path}"))
}
