//! Runs that are killed.

use std::{
    env,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use fastrand::Rng;
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process, set_child_subreaper};

use super::{bystander::Bystander, descendants};
use crate::common::{assert_reached_as, lab};

/// How often it is tried in `make test`, on each lab.
const TRIALS: &str = "6";
/// How soon everything must be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// How long a run may go on that has lost one of its processes: it may have to boot.
const RUN_LIMIT: Duration = Duration::from_secs(120);

/// Who is killed.
#[derive(Clone, Copy)]
enum Victim {
    /// The test's own process.
    Runner,
    /// Any that it has started, the keeper and what it holds among them.
    Helper,
}

#[tokio::test]
#[ignore = "the trials run this as a process to kill"]
async fn a_run() -> miette::Result<()> {
    let lab = lab("crash").await?;
    let containers = lab.set_up().await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// One trial. It is a process of its own, so that all its descendants are of that trial.
#[test]
#[ignore = "crashes run this as a process"]
fn a_trial() {
    set_child_subreaper(Some(rustix::process::getpid())).expect("a process may have its orphans");
    let setting = |name: &str| env::var(name).unwrap_or_default();
    let mut random = Rng::with_seed(setting("CRASH_SEED").parse().unwrap_or_default());
    let usual = Duration::from_secs_f64(setting("CRASH_WITHIN").parse().unwrap_or(1.0));
    let bystander = Bystander::make();

    let runner = start_run();
    let instant = usual.mul_f64(random.f64());
    if !descendants::ended_within(runner, instant) {
        let victim = match setting("CRASH_VICTIM").as_str() {
            "runner" => runner,
            _ => random.choice(descendants::of(runner)).unwrap_or(runner),
        };
        println!("after {instant:?}: {}", descendants::command_line(victim));
        // It may just have ended by itself.
        let _ = kill_process(victim, Signal::KILL);
    }
    assert!(descendants::ended_within(runner, RUN_LIMIT), "the run never ends");
    let gone = descendants::all_end_within(GONE_WITHIN, &[bystander.process()]);
    let gone =
        gone.unwrap_or_else(|left| panic!("{GONE_WITHIN:?} later there are still\n{}", left.join("\n")));
    println!("gone after {gone:?}");
    bystander.assert_untouched();
}

/// Starts the run. It is waited for with all that it leaves.
#[expect(clippy::zombie_processes, reason = "`all_end_within` waits for it")]
fn start_run() -> Pid {
    let run = Command::new(env::current_exe().expect("this test has a file"))
        .args(["crashes::trial::a_run", "--exact", "--ignored"])
        .env_remove("NEXTEST_RUN_ID")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("this test can be run again");
    Pid::from_child(&run)
}

#[rstest]
#[case::the_runner(Victim::Runner)]
#[case::a_helper(Victim::Helper)]
fn nothing_is_left_of_a_run_that_loses(#[case] victim: Victim) {
    let usual = undisturbed();
    let trials: u64 = env::var("CRASHES").as_deref().unwrap_or(TRIALS).parse().expect("CRASHES is a number");
    let mut random = Rng::new();
    for number in 0..trials {
        let seed = random.u64(..);
        trial(victim, usual, seed)
            .unwrap_or_else(|told| panic!("trial {} of {trials}, seed {seed}:\n{told}", number + 1));
        undisturbed();
    }
    println!("{trials} of {trials} clean, and the next run passed each time");
}

/// One trial in namespaces of its own, so that it has links and mounts to itself.
///
/// # Errors
/// What it said, where it found something left.
fn trial(victim: Victim, usual: Duration, seed: u64) -> Result<(), String> {
    let victim = match victim {
        Victim::Runner => "runner",
        Victim::Helper => "helper",
    };
    let trial = Command::new("unshare")
        .args(["--net", "--mount", "--"])
        .arg(env::current_exe().expect("this test has a file"))
        .args(["crashes::trial::a_trial", "--exact", "--ignored", "--nocapture"])
        .envs([
            ("CRASH_VICTIM", victim),
            ("CRASH_SEED", &seed.to_string()),
            ("CRASH_WITHIN", &usual.as_secs_f64().to_string()),
        ])
        .output()
        .expect("there is an unshare");
    let told = String::from_utf8_lossy(&trial.stdout).into_owned() + &String::from_utf8_lossy(&trial.stderr);
    if trial.status.success() { Ok(()) } else { Err(told) }
}

/// How long a run takes that nobody disturbs. It must pass.
fn undisturbed() -> Duration {
    let start = Instant::now();
    let output = Command::new(env::current_exe().expect("this test has a file"))
        .args(["crashes::trial::a_run", "--exact", "--ignored"])
        .env_remove("NEXTEST_RUN_ID")
        .output()
        .expect("this test can be run again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    start.elapsed()
}
