//! The exit codes of what judges: 0 pass, 1 fail, 2 nothing could be judged, 3 inconclusive.

use std::process::ExitCode;

use harness::diagnosis::Verdict;

const UNUSABLE: u8 = 2;
const INCONCLUSIVE: u8 = 3;

/// The code of a verdict.
pub fn of_verdict(verdict: &Verdict) -> ExitCode {
    match verdict {
        Verdict::Pass => ExitCode::SUCCESS,
        Verdict::Fail(_) => ExitCode::FAILURE,
        Verdict::Inconclusive { .. } => ExitCode::from(INCONCLUSIVE),
    }
}

/// Says why there is nothing to judge: with 1, as other commands fail, it would look like a verdict.
pub fn of_refusal(report: &miette::Report) -> ExitCode {
    eprintln!("Error: {report:?}");
    ExitCode::from(UNUSABLE)
}
