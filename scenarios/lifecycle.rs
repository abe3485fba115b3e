//! A lab's life: it is lent clean, lives side by side with others, and leaves nothing behind.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use camino::Utf8Path;
use harness::{
    lab::{Lab, Settings},
    provider::Provider,
    topology::Topology,
};
use rstest::rstest;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};

/// How long a lab may take to be gone; it takes some milliseconds.
const GONE_DEADLINE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

fn settings() -> Settings {
    let topology_path = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/topologies/tutorial.toml");
    Settings {
        provider: Provider::Netns,
        topology: Topology::load(&topology_path).expect("the tutorial's topology is valid"),
        topology_path,
        runs: Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e"),
        lab_command: env!("CARGO_BIN_EXE_lab").into(),
    }
}

/// A test run of its own, in the middle of a scenario, to be killed.
struct Holder {
    runner: Child,
    keeper: Pid,
}

impl Holder {
    fn start() -> Self {
        let mut runner = Command::new(std::env::current_exe().expect("this test has a file"))
            .args(["a_scenario_that_never_ends", "--exact", "--ignored", "--nocapture"])
            .env_remove("NEXTEST_RUN_ID")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test can be run again");
        let stdout = BufReader::new(runner.stdout.take().expect("the output is piped"));
        let keeper =
            stdout.lines().map_while(Result::ok).find_map(|line| line.split_once("holding ")?.1.parse().ok());
        let keeper = keeper.and_then(Pid::from_raw).expect("the scenario says which process holds its lab");
        Self { runner, keeper }
    }

    /// The processes in the lab's PID namespace beside the keeper, which is there until its parent
    /// has seen that it is dead.
    fn processes(&self, namespace: &Utf8Path) -> usize {
        let keeper = self.keeper.as_raw_nonzero().to_string();
        let processes = fs::read_dir("/proc").expect("there is a /proc").filter_map(Result::ok);
        let others = processes.filter(|process| process.file_name() != *keeper);
        let link = |process: &fs::DirEntry| fs::read_link(process.path().join("ns/pid"));
        others.filter(|process| link(process).is_ok_and(|link| link == namespace)).count()
    }

    fn namespace(&self) -> camino::Utf8PathBuf {
        let link = format!("/proc/{}/ns/pid", self.keeper.as_raw_nonzero());
        Utf8Path::new(&link).read_link_utf8().expect("the keeper lives")
    }
}

#[tokio::test]
#[ignore = "the other tests run this as a process to kill"]
async fn a_scenario_that_never_ends() {
    let lab = Lab::lease(&settings(), "a_scenario_that_never_ends", |_| {}).await.expect("there is a lab");
    let containers = lab.set_up().await.expect("the containers come up");
    let _captures = lab.capture_everywhere(&containers).await.expect("the captures start");
    println!("holding {}", lab.keeper());
    std::future::pending::<()>().await;
}

#[derive(Clone, Copy)]
enum End {
    KillRunner,
    InterruptRunner,
    KillKeeper,
}

#[rstest]
#[case::the_runner_is_killed(End::KillRunner)]
#[case::the_runner_is_interrupted(End::InterruptRunner)]
#[case::the_keeper_is_killed(End::KillKeeper)]
fn nothing_is_left_when(#[case] end: End) {
    let before = Machine::now();
    let mut holder = Holder::start();
    let namespace = holder.namespace();
    assert!(holder.processes(&namespace) > 5, "the lab has processes");
    let keeper = pidfd_open(holder.keeper, PidfdFlags::empty()).expect("the keeper lives");

    let runner = Pid::from_child(&holder.runner);
    let (whom, signal) = match end {
        End::KillRunner => (runner, Signal::KILL),
        End::InterruptRunner => (runner, Signal::INT),
        End::KillKeeper => (holder.keeper, Signal::KILL),
    };
    kill_process(whom, signal).expect("the process can be killed");

    // The first process of a PID namespace ends after all others (zap_pid_ns_processes, kernel/pid_namespace.c).
    let gone = poll(&mut [PollFd::new(&keeper, PollFlags::IN)], Some(&GONE_DEADLINE));
    assert_eq!(gone.expect("the keeper can be watched"), 1, "the keeper still lives");
    assert_eq!(holder.processes(&namespace), 0, "processes of the lab are left");
    holder.runner.kill().expect("the runner can be killed");
    holder.runner.wait().expect("the runner can be waited for");
    assert_eq!(Machine::now(), before);
}

/// What a lab must not touch on the machine that it runs on.
#[derive(Debug, PartialEq, Eq)]
struct Machine {
    links: BTreeSet<String>,
    mounts: BTreeSet<String>,
    namespaces: BTreeSet<String>,
    run: BTreeSet<String>,
}

impl Machine {
    fn now() -> Self {
        Self {
            links: names("/sys/class/net"),
            mounts: (fs::read_to_string("/proc/self/mounts")
                .expect("there are mounts")
                .lines()
                .map(str::to_owned))
            .collect(),
            namespaces: names("/run/netns"),
            run: names("/run"),
        }
    }
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn labs_with_the_same_addresses_live_side_by_side() {
    let (mut one, mut other) = (Holder::start(), Holder::start());
    assert_ne!(one.namespace(), other.namespace());
    for holder in [&mut one, &mut other] {
        holder.runner.kill().expect("the runner can be killed");
        holder.runner.wait().expect("the runner can be waited for");
    }
}

#[tokio::test]
async fn a_lab_is_lent_clean() {
    let settings = settings();
    let lab = Lab::lease(&settings, "a_lab_is_lent_clean", |_| {}).await.expect("there is a lab");
    let first = lab.keeper();
    lab.set_up().await.expect("the containers come up");
    drop(lab);

    let lab = Lab::lease(&settings, "a_lab_is_lent_clean", |_| {}).await.expect("there is a lab");
    assert_eq!(lab.keeper(), first, "the lab was clean and lent again");
    lab.set_up().await.expect("the same containers come up again");
    let node = lab.machine("node-1").expect("there is node-1");
    node.run(&harness::machine::Script::new().step("ip link add left-behind type veth"))
        .await
        .expect("a link is made");
    drop(lab);

    let lab = Lab::lease(&settings, "a_lab_is_lent_clean", |_| {}).await.expect("there is a lab");
    assert_ne!(lab.keeper(), first, "the lab was not clean and was replaced");
    lab.set_up().await.expect("the same containers come up again");
}
