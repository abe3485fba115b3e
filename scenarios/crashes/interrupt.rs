//! Runs that a person interrupts.

use std::{
    env,
    io::{BufRead, BufReader, Read as _},
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
    time::Duration,
};

use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process_group, set_child_subreaper};

use crate::common::{SUITE, assert_reached_as, descendants, lab};

/// How soon a run must have come to its end, and everything be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// How a run ends that was interrupted twice.
const ENDED_BY_INTERRUPT: i32 = 130;
/// How often the run is interrupted.
const TIMES: &str = "INTERRUPTS";

/// It has the lab when another of its scenarios waits for it. What that is told is printed.
#[tokio::test]
#[ignore = "the trials run this as a process to interrupt"]
async fn a_run() -> miette::Result<()> {
    let lab = lab("interrupt_at_hand").await?;
    let containers = lab.set_up().await?;
    let waiting = SUITE.lab("interrupt_waiting");
    println!("at hand");
    let Err(told) = waiting.await else { panic!("two scenarios have one lab") };
    println!("{told}");
    if env::var(TIMES).is_ok_and(|times| times == "2") {
        std::future::pending::<()>().await;
    }
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await?;
    println!("the scenario at hand came to its end");
    Ok(())
}

/// In a process of its own, so that all its descendants are of that trial.
#[test]
#[ignore = "interruptions run this as a process"]
fn a_trial() {
    set_child_subreaper(Some(rustix::process::getpid())).expect("a process may have its orphans");
    let mut run = Command::new(env::current_exe().expect("this test has a file"))
        .args(["crashes::interrupt::a_run", "--exact", "--ignored", "--nocapture"])
        .env_remove("NEXTEST_RUN_ID")
        .env("LAB_JOBS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("this test can be run again");
    let process = Pid::from_child(&run);
    let interrupt = || kill_process_group(process, Signal::INT).expect("the run can be interrupted");
    let mut said = BufReader::new(run.stdout.take().expect("the output is piped"));

    assert!(until(&mut said, "at hand"), "the run ended before it had a lab");
    interrupt();
    assert!(until(&mut said, "interrupted: "), "the scenario that waits was not told");
    let is_twice = env::var(TIMES).is_ok_and(|times| times == "2");
    if is_twice {
        interrupt();
    } else {
        let mut rest = String::new();
        said.read_to_string(&mut rest).expect("the run can be read");
        assert!(rest.contains("the scenario at hand came to its end"), "{rest}");
    }
    assert!(descendants::ended_within(process, GONE_WITHIN), "the run goes on");
    let status = run.wait().expect("the run has ended");
    // The scenario at hand has passed, and the one that waited was told: nothing in this run has failed.
    assert_eq!(status.code(), Some(if is_twice { ENDED_BY_INTERRUPT } else { 0 }), "{status}");
    let gone = descendants::all_end_within(GONE_WITHIN, &[]);
    gone.unwrap_or_else(|left| panic!("{GONE_WITHIN:?} later there are still\n{}", left.join("\n")));
}

/// Reads up to a line with a word in it; whether there is one.
fn until(said: &mut impl BufRead, word: &str) -> bool {
    said.by_ref().lines().map_while(Result::ok).any(|line| line.contains(word))
}

#[rstest]
#[case::once("1")]
#[case::twice("2")]
fn nothing_is_left_of_a_run_that_is_interrupted(#[case] times: &str) {
    let trial = Command::new(env::current_exe().expect("this test has a file"))
        .args(["crashes::interrupt::a_trial", "--exact", "--ignored", "--nocapture"])
        .env(TIMES, times)
        .output()
        .expect("this test can be run again");
    let told = String::from_utf8_lossy(&trial.stdout).into_owned() + &String::from_utf8_lossy(&trial.stderr);
    assert!(trial.status.success(), "{told}");
}
