//! How long the suite takes on each lab, as its user waits for it: `cargo bench --bench suite`.
//!
//! Prints, for each lab, the fastest, the median and the slowest of several runs: the whole of
//! `cargo test --test e2e`, the lab's bring-up, and the scenarios with the clean-up between them.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde::Deserialize;

/// The runs of a lab, if `SUITE_RUNS` does not say.
const RUNS: usize = 5;

struct Run {
    whole: Duration,
    bring_up: Duration,
    scenarios: Duration,
}

fn main() {
    let runs = env::var("SUITE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS).max(1);
    for lab in ["netns", "qemu"] {
        let runs: Vec<Run> = (0..runs).map(|_| run(lab)).collect();
        println!("{lab}, {} runs: seconds, fastest / median / slowest", runs.len());
        print("whole", runs.iter().map(|run| run.whole).collect());
        print("bring-up", runs.iter().map(|run| run.bring_up).collect());
        print("scenarios", runs.iter().map(|run| run.scenarios).collect());
    }
}

fn run(lab: &str) -> Run {
    let start = Instant::now();
    let status = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--test", "e2e"])
        .env("LAB", lab)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("cargo runs");
    let whole = start.elapsed();
    assert!(status.success(), "the suite fails on {lab}: see LAB={lab} cargo test --test e2e");
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e/latest/keeper.log");
    let (bring_up, scenarios) = durations(&whole_log(&log));
    Run { whole, bring_up, scenarios }
}

/// The keeper cleans up after the last scenario when cargo has ended.
fn whole_log(path: &Path) -> String {
    let start = Instant::now();
    loop {
        let log = fs::read_to_string(path).expect("the run has a log");
        if log.contains("the keeper ends") {
            return log;
        }
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "the keeper has not ended: see {}",
            path.display()
        );
    }
}

/// A line of the keeper's log, with the fields that this is about.
#[derive(Deserialize)]
struct Line {
    fields: Fields,
}

#[derive(Deserialize)]
struct Fields {
    milliseconds: Option<u64>,
    in_all: Option<u64>,
}

fn durations(log: &str) -> (Duration, Duration) {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    let (mut bring_up, mut scenarios) = (0, 0);
    for Line { fields } in lines {
        bring_up += fields.milliseconds.unwrap_or(0);
        scenarios += fields.in_all.unwrap_or(0);
    }
    (Duration::from_millis(bring_up), Duration::from_millis(scenarios))
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let [fastest, median, slowest] =
        [0, times.len() / 2, times.len() - 1].map(|place| times[place].as_secs_f64());
    println!("  {what:9}  {fastest:6.2} / {median:6.2} / {slowest:6.2}");
}
