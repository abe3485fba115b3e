//! `lab sweep`: what killed runs have left on machines that outlive them.

use std::process::ExitCode;

use harness::{
    Progress,
    keeper::{Swept, sweep},
    lab::Event,
};
use miette::IntoDiagnostic as _;

use super::{print_line::print_line, runtime::run_async, up::Options};

/// Undoes it, by the record of the run that did it; fails where a run that lives has a machine.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    let lab = settings.provider;
    if lab.is_hermetic() {
        print_line(format_args!("the machines of a {lab} lab end with it: nothing of it outlives a run"));
        return Ok(ExitCode::SUCCESS);
    }
    let folder = camino_tempfile::tempdir().into_diagnostic()?;
    let progress = Progress::start();
    let step = |event: Event| progress.step(&event.text);
    let swept = run_async(sweep(&settings, folder.path(), &step))??;
    drop(progress);
    if swept.is_empty() {
        print_line(format_args!("no machine of the {lab} lab is up"));
    }
    swept.iter().for_each(tell);
    let is_done = swept.iter().all(|swept| swept.undone.is_ok());
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what became of a machine.
fn tell(Swept { machine, undone }: &Swept) {
    match undone {
        Ok(lines) if lines.is_empty() => print_line(format_args!("{machine}: nothing is left")),
        Ok(lines) => {
            print_line(format_args!("{machine}: undone by"));
            lines.iter().for_each(|line| print_line(format_args!("  {line}")));
        }
        Err(error) => print_line(format_args!("{machine}: left as it is: {error}")),
    }
}
