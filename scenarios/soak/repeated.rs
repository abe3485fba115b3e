//! The runs, and what came of them.

use std::{
    env,
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::{getpid, set_child_subreaper};

use super::{failure::Failure, load::Load, run::Run};

/// How many runs of a scenario, where nobody says.
const USUAL: usize = 30;

/// All runs.
#[derive(Default)]
struct Record {
    count: usize,
    runs: usize,
    /// Each failure with its run's folder.
    failures: Vec<(Failure, Utf8PathBuf)>,
    took: Duration,
}

#[test]
#[ignore = "takes its time and all of the machine: `make soak N=1000`"]
fn scenarios_pass_under_load() {
    let wanted = env::var("SOAK").ok().filter(|number| !number.is_empty());
    let wanted = wanted.map_or(USUAL, |number| number.parse().expect("SOAK is a number"));
    let words = env::var("SOAK_SCENARIOS").unwrap_or_default();
    let words: Vec<&str> = words.split_whitespace().collect();
    let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"))
        .with_file_name("soak")
        .join(std::process::id().to_string());
    fs::create_dir_all(&folder).expect("the soak's folder can be made");

    let record = soak(&folder, &words, wanted);
    let told = record.told();
    fs::write(folder.join("soak.md"), &told).expect("the table can be written");
    println!("{told}");
    assert!(record.failures.is_empty(), "the table and the evidence are in {folder}");
}

fn soak(folder: &Utf8Path, words: &[&str], wanted: usize) -> Record {
    // What a run leaves is this process's then.
    set_child_subreaper(Some(getpid())).expect("a process may have its orphans");
    let load = Load::begin(folder);
    let start = Instant::now();
    let mut record = Record::default();
    while record.count < wanted {
        record.runs += 1;
        let place = folder.join(format!("run-{}", record.runs));
        let run = Run::of(&place, words, &load.processes());
        println!("run {}: {} scenarios, {} failures", record.runs, run.count, run.failures.len());
        assert!(run.count > 0 || !run.failures.is_empty(), "no scenario has {words:?} in its name");
        // A run that dies at its beginning would be repeated for ever.
        record.count += run.count.max(run.failures.len());
        record.failures.extend(run.failures.into_iter().map(|failure| (failure, place.clone())));
    }
    record.took = start.elapsed();
    record
}

impl Record {
    /// The failures as a table, and the sum in a line.
    fn told(&self) -> String {
        let mut told = String::new();
        if !self.failures.is_empty() {
            told.push_str("| scenario | kind | what it said | evidence |\n|---|---|---|---|\n");
        }
        for (failure, folder) in &self.failures {
            let (test, kind) = (&failure.test, failure.kind);
            let said = failure.summary().replace('|', "\\|");
            let _ = writeln!(told, "| {test} | {kind} | {said} | {folder} |");
        }
        let Self { count, runs, failures, took } = self;
        let lab = env::var("LAB").unwrap_or_default();
        let _ = write!(
            told,
            "{count} scenario runs, {} failures (LAB={lab}: {runs} runs, {} s under load)",
            failures.len(),
            took.as_secs()
        );
        told
    }
}
