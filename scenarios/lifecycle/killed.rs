//! Labs whose runs are killed.

use std::{
    fs,
    io::{BufRead as _, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
};

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    lab::{Event, Lab},
    provider::Provider,
};
use rstest::rstest;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};

use super::{settings::settings, untouched::Untouched};

/// How long a lab may take to be gone; it takes some milliseconds.
const GONE_DEADLINE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// A test run of its own, to be killed.
struct Holder {
    runner: Child,
    /// Held open: a run that can't print would end by itself.
    _output: Lines<BufReader<ChildStdout>>,
    keeper: Pid,
    namespace: Utf8PathBuf,
}

impl Holder {
    /// Starts a run of a test of this file, and waits until it prints `word`.
    fn start(test: &str, word: &str) -> Self {
        let mut runner = Command::new(std::env::current_exe().expect("this test has a file"))
            .args([&format!("lifecycle::killed::{test}"), "--exact", "--ignored", "--nocapture"])
            .env_remove("NEXTEST_RUN_ID")
            .env("LAB_BOOT", "cold")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test can be run again");
        let mut output = BufReader::new(runner.stdout.take().expect("the output is piped")).lines();
        let said = output.by_ref().map_while(Result::ok).any(|line| line.contains(word));
        assert!(said, "the test ended before it said {word:?}");
        // The runner's child is `unshare`, and that one's the keeper.
        let keeper = only_child(only_child(Pid::from_child(&runner)));
        let link = format!("/proc/{}/ns/pid", keeper.as_raw_nonzero());
        let namespace = Utf8Path::new(&link).read_link_utf8().expect("the keeper lives");
        Self { runner, _output: output, keeper, namespace }
    }

    /// The processes in the lab's PID namespace beside the keeper, which is there until its parent
    /// has seen that it is dead.
    fn processes(&self) -> usize {
        let keeper = self.keeper.as_raw_nonzero().to_string();
        let processes = fs::read_dir("/proc").expect("there is a /proc").filter_map(Result::ok);
        let others = processes.filter(|process| process.file_name() != *keeper);
        let link = |process: &fs::DirEntry| fs::read_link(process.path().join("ns/pid"));
        others.filter(|process| link(process).is_ok_and(|link| link == self.namespace)).count()
    }

    /// Kills a process of the run, and waits until the lab is gone.
    fn end(mut self, end: End) {
        assert!(self.processes() > 0, "the lab has processes");
        let keeper = pidfd_open(self.keeper, PidfdFlags::empty()).expect("the keeper lives");
        let runner = Pid::from_child(&self.runner);
        let (whom, signal) = match end {
            End::KillRunner => (runner, Signal::KILL),
            End::KillKeeper => (self.keeper, Signal::KILL),
        };
        kill_process(whom, signal).expect("the process can be killed");
        // The first process of a PID namespace ends after all others (zap_pid_ns_processes, kernel/pid_namespace.c).
        let gone = poll(&mut [PollFd::new(&keeper, PollFlags::IN)], Some(&GONE_DEADLINE));
        assert_eq!(gone.expect("the keeper can be watched"), 1, "the keeper still lives");
        assert_eq!(self.processes(), 0, "processes of the lab are left");
        self.runner.kill().expect("the runner can be killed");
        self.runner.wait().expect("the runner can be waited for");
    }
}

fn only_child(parent: Pid) -> Pid {
    let parent = parent.as_raw_nonzero();
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let children = children.unwrap_or_default();
    // A test's own thread starts the keeper, and its children are that thread's.
    let of_threads = || {
        let threads = fs::read_dir(format!("/proc/{parent}/task")).ok()?.filter_map(Result::ok);
        threads
            .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
            .find(|list| !list.is_empty())
    };
    let list = if children.is_empty() { of_threads().unwrap_or_default() } else { children };
    let child = list.split_whitespace().next().and_then(|pid| pid.parse().ok());
    child.and_then(Pid::from_raw).expect("the process has a child")
}

#[derive(Clone, Copy)]
enum End {
    KillRunner,
    KillKeeper,
}

#[tokio::test]
#[ignore = "the other tests run this as a process to kill"]
async fn a_scenario_that_never_ends() {
    let settings = settings(Provider::Netns, "held");
    let lab = Lab::lease(&settings, "a_scenario_that_never_ends", |_| {}).await.expect("there is a lab");
    let containers = lab.set_up().await.expect("the containers come up");
    let _captures = lab.capture_everywhere(&containers).await.expect("the captures start");
    println!("the lab is held");
    std::future::pending::<()>().await;
}

#[tokio::test]
#[ignore = "the other tests run this as a process to kill"]
async fn a_lab_that_boots() {
    let tell = |event: &Event| println!("{}", event.text);
    let _lab = Lab::lease(&settings(Provider::Qemu, "boots"), "a_lab_that_boots", tell).await;
}

#[rstest]
#[case::the_runner_is_killed(End::KillRunner)]
#[case::the_keeper_is_killed(End::KillKeeper)]
fn nothing_is_left_when(#[case] end: End) {
    let before = Untouched::now();
    Holder::start("a_scenario_that_never_ends", "the lab is held").end(end);
    assert_eq!(Untouched::now(), before);
}

#[rstest]
#[case::the_runner_is_killed(End::KillRunner)]
#[case::the_keeper_is_killed(End::KillKeeper)]
fn nothing_is_left_when_machines_boot_and(#[case] end: End) {
    let before = Untouched::now();
    Holder::start("a_lab_that_boots", ": boots").end(end);
    assert_eq!(Untouched::now(), before);
}

#[test]
fn labs_with_the_same_addresses_live_side_by_side() {
    let start = || Holder::start("a_scenario_that_never_ends", "the lab is held");
    let (one, other) = (start(), start());
    assert_ne!(one.namespace, other.namespace);
    one.end(End::KillRunner);
    other.end(End::KillRunner);
}
