//! Runs that are killed.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use fastrand::Rng;
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process, set_child_subreaper};

use super::bystander::{Bystander, names_in};
use crate::common::{assert_reached_as, descendants, lab};

/// How often it is tried in `make test`, on each lab.
const TRIALS: &str = "6";
/// How soon everything must be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// How long a run may go on that has lost one of its processes: it may have to boot.
const RUN_LIMIT: Duration = Duration::from_secs(120);

/// How much longer a run's last process lives than the run itself, as a factor.
const WITH_ITS_END: f64 = 1.3;

/// What a trial says before the kind of whom it killed.
const KILLED: &str = "killed ";
/// The kind of a run itself.
const RUNNER: &str = "the run itself";

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
    // Behind the runner's end its keeper still tidies up.
    let alive = descendants::left_after(instant, &[bystander.process()]);
    let victim = match setting("CRASH_VICTIM").as_str() {
        "runner" => alive.contains(&runner).then(|| (RUNNER.to_owned(), runner)),
        _ => draw(alive.into_iter().filter(|process| *process != runner).collect(), &mut random),
    };
    if let Some((kind, victim)) = victim {
        println!("after {instant:?}: {}", descendants::command_line(victim));
        kill(&kind, victim);
    }
    assert!(descendants::ended_within(runner, RUN_LIMIT), "the run never ends");
    let gone = descendants::all_end_within(GONE_WITHIN, &[bystander.process()]);
    let gone =
        gone.unwrap_or_else(|left| panic!("{GONE_WITHIN:?} later there are still\n{}", left.join("\n")));
    println!("gone after {gone:?}");
    bystander.assert_untouched();
    assert_eq!(names_in(env::temp_dir()), BTreeSet::new(), "temporary files are left");
}

/// One of some processes: its kind first, so that those of which there are few are as likely as those of which there are many.
fn draw(processes: Vec<Pid>, random: &mut Rng) -> Option<(String, Pid)> {
    let mut kinds: BTreeMap<String, Vec<Pid>> = BTreeMap::new();
    for process in processes {
        if let Some(kind) = descendants::kind(process) {
            kinds.entry(kind).or_default().push(process);
        }
    }
    let (kind, processes) = random.choice(kinds)?;
    random.choice(processes).map(|process| (kind, process))
}

/// Kills a process, and says so unless it has just ended by itself.
fn kill(kind: &str, victim: Pid) {
    if descendants::kind(victim).is_some() && kill_process(victim, Signal::KILL).is_ok() {
        println!("{KILLED}{kind}");
    }
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
    let usual = undisturbed().mul_f64(WITH_ITS_END);
    let trials: u64 = env::var("CRASHES").as_deref().unwrap_or(TRIALS).parse().expect("CRASHES is a number");
    let mut random = Rng::new();
    let mut killed: BTreeMap<String, u64> = BTreeMap::new();
    for number in 1..=trials {
        let kind = until_somebody_is_killed(victim, usual, &mut random)
            .unwrap_or_else(|told| panic!("trial {number} of {trials}, {told}"));
        *killed.entry(kind).or_default() += 1;
        undisturbed();
    }
    let kinds: Vec<String> = killed.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    println!("{trials} of {trials} clean, and the next run passed each time: {}", kinds.join(", "));
}

/// Tries runs until one is hit: some end before their instant, or have nobody then of the kind that is wanted. Those must be as
/// clean. The kind of whom it hit.
fn until_somebody_is_killed(victim: Victim, usual: Duration, random: &mut Rng) -> Result<String, String> {
    loop {
        let seed = random.u64(..);
        let killed = trial(victim, usual, seed).map_err(|told| format!("seed {seed}:\n{told}"))?;
        if let Some(kind) = killed {
            return Ok(kind);
        }
    }
}

/// One trial in namespaces of its own, so that it has links and mounts to itself, and with temporary files of its own. The kind
/// of whom it killed, if anybody.
///
/// # Errors
/// What it said, where it found something left.
fn trial(victim: Victim, usual: Duration, seed: u64) -> Result<Option<String>, String> {
    let victim = match victim {
        Victim::Runner => "runner",
        Victim::Helper => "helper",
    };
    let temporary = camino_tempfile::tempdir().expect("there is room for temporary files");
    let trial = Command::new("unshare")
        .args(["--net", "--mount", "--"])
        .arg(env::current_exe().expect("this test has a file"))
        .args(["crashes::trial::a_trial", "--exact", "--ignored", "--nocapture"])
        .envs([
            ("CRASH_VICTIM", victim),
            ("CRASH_SEED", &seed.to_string()),
            ("CRASH_WITHIN", &usual.as_secs_f64().to_string()),
            ("TMPDIR", temporary.path().as_str()),
        ])
        .output()
        .expect("there is an unshare");
    let said = String::from_utf8_lossy(&trial.stdout).into_owned();
    if !trial.status.success() {
        return Err(said + &String::from_utf8_lossy(&trial.stderr));
    }
    Ok(said.lines().find_map(|line| line.strip_prefix(KILLED)).map(str::to_owned))
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
