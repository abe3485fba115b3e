//! `lab reset`: the lab that is up, as `lab up` made it.

use std::process::ExitCode;

use harness::{
    Progress,
    lab::{Reset, StandingLab},
};

use super::{print_line::print_line, runtime::run_async, up::Options};

/// Puts the lab back.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    let progress = Progress::start();
    let reset = run_async(StandingLab::reset(&settings, |event| progress.tell(event)))??;
    drop(progress);
    let lab = settings.provider;
    match reset {
        Reset::Nothing => return Err(options.lab.nothing_is_up()),
        Reset::PutBack => {
            print_line(format_args!("the {lab} lab is put back: it is as it was when it came up"))
        }
        Reset::Replaced(why) => print_line(format_args!("the {lab} lab is replaced by another: {why}")),
    }
    Ok(ExitCode::SUCCESS)
}
