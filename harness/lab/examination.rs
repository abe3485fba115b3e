//! How an examined probe is told: by `lab diagnose` and by `lab ping`.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::ValueEnum;
use harness::{
    diagnose::Examination,
    diagnosis::{Explanation, Loss},
    ladder::Ladder,
};
use miette::IntoDiagnostic as _;
use serde::Serialize;

use super::{exit_code, print_line::print_line};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A ladder diagram, the loss where several probes were sent, the verdict, causes and what to try.
    Text,
    /// One object: what `lab trace --format json` prints, with `loss` and `folder`.
    Json,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    explanation: Explanation,
    loss: &'a [Loss],
    folder: &'a Utf8PathBuf,
}

/// Prints what was found; the exit code is the verdict.
pub fn print(found: &Examination, probes: u32, format: Format) -> miette::Result<ExitCode> {
    match format {
        Format::Text => print_line(text(found, probes)),
        Format::Json => print_line(json(found)?),
    }
    Ok(exit_code::of_verdict(&found.judgement.verdict))
}

fn text(found: &Examination, probes: u32) -> String {
    let Examination { folder, case, judgement, losses } = found;
    let ladder = Ladder::draw(&judgement.journeys, &case.topology);
    let losses = losses.iter().filter(|_| probes > 1).map(|loss| format!("{loss}\n")).collect::<String>();
    let explanation = judgement.explain(case);
    format!("{ladder}\n{losses}{explanation}\nto hand to somebody, and for `lab trace`:\n{folder}")
}

fn json(found: &Examination) -> miette::Result<String> {
    let explanation = found.judgement.explain(&found.case);
    let told = Told { explanation, loss: &found.losses, folder: &found.folder };
    serde_json::to_string_pretty(&told).into_diagnostic()
}
