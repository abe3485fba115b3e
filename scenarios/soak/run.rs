//! One run of the scenarios, in a process of its own with labs of its own.

use std::{
    env, fs,
    process::{Command, Stdio},
    time::Duration,
};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Pid;

use super::{failure::Failure, replaced};
use crate::common::descendants;

/// How soon a run's keepers must be gone, under load.
const GONE_WITHIN: Duration = Duration::from_secs(60);

/// What came of a run.
#[derive(Default)]
pub struct Run {
    /// The scenarios that it ran.
    pub count: usize,
    pub failures: Vec<Failure>,
}

impl Run {
    /// Runs those scenarios whose names have one of the words in them, and waits for all that it has started; `others` are other
    /// children of this process. Its folder is left where something failed.
    pub fn of(folder: &Utf8Path, words: &[&str], others: &[Pid]) -> Self {
        fs::create_dir_all(folder).expect("the run's folder can be made");
        let output = Command::new(env::current_exe().expect("this test has a file"))
            .args(words)
            .args(["--skip", "soak::"])
            .env("LAB_RUNS", folder)
            .env("INSTA_UPDATE", "no")
            .env("RUST_BACKTRACE", "0")
            .env_remove("NEXTEST_RUN_ID")
            .stdin(Stdio::null())
            .output()
            .expect("this test can be run again");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut run = Self::read(&told);
        if !output.status.success() && run.failures.is_empty() {
            run.failures.push(Failure::new("the run", &String::from_utf8_lossy(&output.stderr)));
        }
        if let Err(left) = descendants::all_end_within(GONE_WITHIN, others) {
            let left = format!("{GONE_WITHIN:?} later there were still\n{}", left.join("\n"));
            run.failures.push(Failure::new("what a run leaves", &left));
        }
        run.failures.extend(replaced::in_run(folder));
        if run.failures.is_empty() {
            fs::remove_dir_all(folder).expect("the run's folder can be removed");
        } else {
            fs::write(folder.join("output.txt"), &told).expect("what the run said can be kept");
            forget_what_passed(folder);
        }
        run
    }

    /// Reads what libtest prints.
    fn read(told: &str) -> Self {
        let ended = told.lines().filter_map(|line| line.strip_prefix("test ")?.rsplit_once(" ... "));
        let mut run = Self::default();
        for (test, outcome) in ended {
            run.count += usize::from(matches!(outcome, "ok" | "FAILED"));
            if outcome == "FAILED" {
                run.failures.push(Failure::new(test, said_by(test, told)));
            }
        }
        run
    }
}

/// What a test that failed has printed.
fn said_by<'a>(test: &str, told: &'a str) -> &'a str {
    let heading = format!("---- {test} stdout ----\n");
    let Some((_, said)) = told.split_once(&heading) else { return "" };
    let end = said.find("\n---- ").or_else(|| said.find("\nfailures:\n")).unwrap_or(said.len());
    &said[..end]
}

/// A failure's evidence is kept, and what all others left is removed.
fn forget_what_passed(folder: &Utf8Path) {
    let passed = |scenario: &Utf8Path| {
        fs::read_to_string(scenario.join("result.json"))
            .is_ok_and(|text| text.contains("\"outcome\": \"passed\""))
    };
    for scenario in folders_in(folder).iter().flat_map(|run| folders_in(run)).filter(|it| passed(it)) {
        // What is left over is no failure of the scenarios'.
        let _ = fs::remove_dir_all(scenario);
    }
}

fn folders_in(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = folder.read_dir_utf8().into_iter().flatten().filter_map(Result::ok);
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path().to_owned())
        .collect()
}

#[test]
fn scenarios_are_counted_and_failures_read() {
    let told = "running 4 tests\ntest a::one ... ok\ntest a::two has been running for over 60 seconds\n\
                test a::two ... FAILED\ntest a::three ... ignored, needs a VM lab: x\ntest a::four - should panic ... ok\n\n\
                failures:\n\n---- a::two stdout ----\nError: there is no lab: none\n\n\nfailures:\n    a::two\n";
    let run = Run::read(told);
    assert_eq!(run.count, 3);
    let [failure] = &run.failures[..] else { panic!("{} failures", run.failures.len()) };
    assert_eq!((failure.test.as_str(), failure.summary()), ("a::two", "Error: there is no lab: none"));
}
