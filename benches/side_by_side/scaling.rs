//! All scenarios in one lab, and in several side by side.

use std::process::Command;

use super::{cpu, peers::Peers, suite, table::Table};

/// How many labs are tried.
const LABS: [u8; 3] = [1, 2, 4];
/// How many processes show what it costs anybody to share the processors.
const PROCESSES: u32 = 8000;

/// The whole of `LAB=netns cargo test --test e2e`, from its start to its end.
pub fn measure(_: &Peers, table: &mut Table) -> miette::Result<()> {
    let executable = suite::executable()?;
    let mut of_one = None;
    for labs in LABS {
        let jobs = labs.to_string();
        let mut command = suite::command(&executable, "netns", &["--test-threads", &jobs])?;
        command.env("LAB_JOBS", &jobs);
        let whole = cpu::of_all(&mut [command])?;
        if !whole.succeeded {
            miette::bail!(
                "scenarios fail with {labs} labs: see LAB=netns LAB_JOBS={labs} cargo test --test e2e"
            );
        }
        let cost = whole.cpu / *of_one.get_or_insert(whole.cpu);
        let measured = format!("{:.1} s, processor time {:.1} s ({cost:.2} ×)", whole.seconds, whole.cpu);
        let what = format!("all scenarios, `netns`, {labs} labs");
        table.note(&what, measured, "processor time at most 1.1 × that of one lab", cost <= 1.1);
    }
    note_sharing(table)
}

/// The processor time of the same processes, which do nothing, by one shell after another and by several at once.
fn note_sharing(table: &mut Table) -> miette::Result<()> {
    let mut of_one = None;
    for shells in LABS {
        let each = PROCESSES / u32::from(shells);
        let line = format!(
            "for shell in $(seq {shells}); do (n=0; while [ $n -lt {each} ]; do /bin/true; n=$((n + 1)); done) & done; wait"
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]);
        let whole = cpu::of_all(&mut [command])?;
        let cost = whole.cpu / *of_one.get_or_insert(whole.cpu);
        let measured = format!("{:.1} s, processor time {:.1} s ({cost:.2} ×)", whole.seconds, whole.cpu);
        table.note(&format!("{PROCESSES} times `/bin/true`, {shells} shells"), measured, "", true);
    }
    Ok(())
}
