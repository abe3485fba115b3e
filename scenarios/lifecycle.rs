//! A lab's life: it is lent clean, lives side by side with others, and leaves nothing behind.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Lines},
    num::NonZeroU32,
    pin::pin,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::{NamedUtf8TempFile, Utf8TempDir};
use harness::{
    lab::{Event, Lab, Lease, Settings},
    machine::Script,
    provider::Provider,
};
use rstest::rstest;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};

/// How long a lab may take to be gone; it takes some milliseconds.
const GONE_DEADLINE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// How far a node's clock may be off: what a command took to arrive when it was set.
const CLOCKS_DIFFER: Duration = Duration::from_secs(1);

/// How long containers may take to be back; it takes some tenths of a second.
const BACK_DEADLINE: Duration = Duration::from_secs(10);

/// The lab of these tests. Its topology is a file of their own, so that they share no lab with
/// other tests of the same run.
fn settings(provider: Provider, name: &str) -> Settings {
    let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"));
    let topology_path = folder.join(format!("lifecycle-{name}.toml"));
    // Other tests may be reading the same file: it is replaced as a whole.
    let topology = NamedUtf8TempFile::new_in(folder).expect("the folder can be written");
    fs::write(&topology, include_str!("../fixtures/topologies/lab.toml")).expect("the file can be written");
    topology.persist(&topology_path).expect("the file can be put in place");
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    Settings::new(provider, &topology_path, &runs, env!("CARGO_BIN_EXE_lab").into())
        .expect("the tutorial's topology is valid")
}

/// A test run of its own, to be killed.
struct Holder {
    runner: Child,
    /// Held open: a run that can't print would end by itself.
    _output: Lines<BufReader<ChildStdout>>,
    keeper: Pid,
    namespace: Utf8PathBuf,
}

impl Holder {
    /// Starts a run and waits until it prints `word`.
    fn start(scenario: &str, word: &str) -> Self {
        let mut runner = Command::new(std::env::current_exe().expect("this test has a file"))
            .args([scenario, "--exact", "--ignored", "--nocapture"])
            .env_remove("NEXTEST_RUN_ID")
            .env("LAB_BOOT", "cold")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test can be run again");
        let mut output = BufReader::new(runner.stdout.take().expect("the output is piped")).lines();
        let said = output.by_ref().map_while(Result::ok).any(|line| line.contains(word));
        assert!(said, "the scenario ended before it said {word:?}");
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
    let before = Machine::now();
    Holder::start("a_scenario_that_never_ends", "the lab is held").end(end);
    assert_eq!(Machine::now(), before);
}

#[rstest]
#[case::the_runner_is_killed(End::KillRunner)]
#[case::the_keeper_is_killed(End::KillKeeper)]
fn nothing_is_left_when_machines_boot_and(#[case] end: End) {
    let before = Machine::now();
    Holder::start("a_lab_that_boots", ": boots").end(end);
    assert_eq!(Machine::now(), before);
}

/// What a lab must not touch on the machine that it runs on.
#[derive(Debug, PartialEq, Eq)]
struct Machine {
    links: BTreeSet<String>,
    mounts: BTreeSet<String>,
    namespaces: BTreeSet<String>,
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
        }
    }
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn labs_with_the_same_addresses_live_side_by_side() {
    let start = || Holder::start("a_scenario_that_never_ends", "the lab is held");
    let (one, other) = (start(), start());
    assert_ne!(one.namespace, other.namespace);
    one.end(End::KillRunner);
    other.end(End::KillRunner);
}

#[rstest]
#[case::a_link("link", "ip link add left-behind type veth")]
#[case::a_setting("setting", "echo 9 >/proc/sys/net/ipv4/ip_default_ttl")]
#[case::a_queue("queue", "tc qdisc add dev lo clsact")]
#[tokio::test]
async fn a_lab_is_lent_clean_after(#[case] what: &str, #[case] line: &str) {
    // A lab of its own: no other test makes it dirty.
    let settings = settings(Provider::Netns, what);
    let lease = async |scenario: &str| {
        Lab::lease(&settings, &format!("{what}_{scenario}"), |_| {}).await.expect("there is a lab")
    };
    let lab = lease("sets_up").await;
    let first = lab.keeper();
    lab.set_up().await.expect("the containers come up");
    drop(lab);

    let lab = lease("finds_nothing").await;
    lab.set_up().await.expect("the same containers come up again");
    let node = lab.machine("node-1").expect("there is node-1");
    node.run(&Script::new().step(line)).await.expect("something is left behind");
    assert_eq!(lab.keeper(), first, "the lab was clean and lent again");
    drop(lab);

    let lab = lease("gets_another").await;
    assert_ne!(lab.keeper(), first, "the lab was not clean and was replaced");
    lab.set_up().await.expect("the same containers come up again");
}

/// A run of so many labs, which no other test has.
fn pool(name: &str, labs: u32) -> Settings {
    let jobs = NonZeroU32::new(labs).expect("a run has a lab");
    Settings { jobs, ..settings(Provider::Netns, name) }
}

async fn lease(settings: &Settings, scenario: &str) -> Lease {
    let scenario = format!("{}_{scenario}", settings.topology_path.file_stem().unwrap_or_default());
    Lab::lease(settings, &scenario, |_| {}).await.expect("there is a lab")
}

/// Both have containers of the same names and addresses at the same time.
#[tokio::test]
async fn two_scenarios_at_the_same_time_have_two_labs() {
    let settings = pool("two-labs", 2);
    let (one, other) = (lease(&settings, "one").await, lease(&settings, "other").await);
    assert_ne!(one.keeper(), other.keeper());
    let both = futures_util::future::try_join(one.set_up(), other.set_up());
    both.await.expect("the containers come up in both");
}

/// Another lab is for those who would have to wait: not for who comes while one is cleaned.
#[tokio::test]
async fn one_scenario_after_another_has_one_lab() {
    let settings = pool("one-after-another", 2);
    let first = lease(&settings, "first").await.keeper();
    for scenario in ["second", "third"] {
        assert_eq!(lease(&settings, scenario).await.keeper(), first, "{scenario}");
    }
}

#[tokio::test]
async fn scenarios_queue_for_the_only_lab() {
    let settings = pool("one-lab", 1);
    let first = lease(&settings, "first").await;
    let mut second = pin!(lease(&settings, "second"));
    tokio::select! {
        biased;
        _ = &mut second => panic!("the second has a lab while the first has the only one"),
        containers = first.set_up() => drop(containers.expect("the containers come up")),
    }
    let keeper = first.keeper();
    drop(first);
    let second = second.await;
    assert_eq!((second.keeper(), second.lease_number()), (keeper, 2));
}

/// Whoever waits has the first lab that is free.
#[tokio::test]
async fn who_waits_gets_the_first_lab_that_is_given_back() {
    let settings = pool("first-free", 2);
    let (one, other) = (lease(&settings, "one").await, lease(&settings, "other").await);
    let mut waiting = pin!(lease(&settings, "waiting"));
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("there is a third lab"),
        containers = one.set_up() => drop(containers.expect("the containers come up")),
    }
    let keeper = other.keeper();
    drop(other);
    assert_eq!(waiting.await.keeper(), keeper);
    assert_eq!(one.lease_number(), 1, "the other goes on with its own");
}

#[derive(Clone, Copy)]
enum Loss {
    KeeperIsKilled,
    LabIsLeftDirty,
}

/// One lab is lost while another is used: who waits gets a new one in its place, and the other is left alone.
#[rstest]
#[case::the_keeper_is_killed("killed", Loss::KeeperIsKilled)]
#[case::the_lab_is_left_dirty("dirty", Loss::LabIsLeftDirty)]
#[tokio::test]
async fn a_lab_is_replaced_while_others_go_on(#[case] name: &str, #[case] loss: Loss) {
    let before = Machine::now();
    let settings = pool(name, 2);
    let (one, other) = (lease(&settings, "one").await, lease(&settings, "other").await);
    let mut waiting = pin!(lease(&settings, "waiting"));
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("there is a third lab"),
        containers = one.set_up() => drop(containers.expect("the containers come up")),
    }
    let lost = other.keeper();
    match loss {
        Loss::KeeperIsKilled => {
            let keeper = i32::try_from(lost).ok().and_then(Pid::from_raw).expect("it has a pid");
            kill_process(keeper, Signal::KILL).expect("the keeper can be killed");
        }
        Loss::LabIsLeftDirty => {
            let node = other.machine("node-1").expect("there is node-1");
            let dirt = Script::new().step("ip link add left-behind type veth");
            node.run(&dirt).await.expect("something is left behind");
            drop(other);
        }
    }
    let new = waiting.await;
    assert!(![one.keeper(), lost].contains(&new.keeper()), "it is another lab");
    new.set_up().await.expect("the containers come up in it");
    one.endpoint("docker1")
        .expect("it has docker1")
        .run("ip link")
        .await
        .expect("the other lab is as it was");
    assert_eq!(Machine::now(), before);
}

/// A lab that stands, by the command, as a person has it.
struct StandingLab {
    settings: Settings,
    /// The folder of images and snapshots, where it is not the user's.
    cache: Option<Utf8PathBuf>,
}

impl StandingLab {
    fn up(name: &str) -> Self {
        let lab = Self::described(Provider::Netns, name);
        lab.succeeds(&["up"]);
        lab
    }

    fn described(provider: Provider, name: &str) -> Self {
        Self { settings: settings(provider, name), cache: None }
    }

    fn lab(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the command runs")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.args(words).env("LAB", self.settings.provider.to_string());
        command.env("LAB_TOPOLOGY", &self.settings.topology_path).env_remove("LAB_SSH_CONFIG");
        command.env_remove("LAB_BOOT").envs(self.cache.iter().map(|folder| ("XDG_CACHE_HOME", folder)));
        command
    }

    #[track_caller]
    fn succeeds(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.lab(words);
        let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(status.success(), "lab {words:?}: {stdout}{stderr}");
        stdout
    }

    #[track_caller]
    fn its_containers_reach_each_other(&self) {
        self.succeeds(&["exec", "docker1", "--", "ping", "-c1", "-W5", "192.168.245.181"]);
    }

    async fn lease(&self, scenario: &str) -> Lease {
        Lab::lease(&self.settings, scenario, |_| {}).await.expect("there is a lab")
    }
}

impl Drop for StandingLab {
    fn drop(&mut self) {
        self.lab(&["down"]);
    }
}

#[tokio::test]
async fn a_lab_that_stands_has_its_containers_while_no_scenario_has_it() {
    let before = Machine::now();
    let standing = StandingLab::up("stands");
    standing.its_containers_reach_each_other();
    let diagnosis = standing.succeeds(&["diagnose", "node-1:docker1", "node-2:docker2"]);
    assert!(diagnosis.contains("pass: docker1 reaches docker2"), "{diagnosis}");

    let lab = standing.lease("finds_it_as_new").await;
    let status = standing.succeeds(&["status"]);
    assert!(status.contains("the scenario finds_it_as_new has it, as new"), "{status}");
    let refused = standing.lab(&["diagnose", "node-1:docker1", "node-2:docker2"]);
    assert_eq!(refused.status.code(), Some(2), "nothing can be diagnosed meanwhile");
    lab.set_up().await.expect("the containers' names are free");
    drop(lab);

    let start = Instant::now();
    while !standing.succeeds(&["status"]).contains("docker2 macvlan1") {
        assert!(start.elapsed() < BACK_DEADLINE, "the containers do not come back");
    }
    standing.its_containers_reach_each_other();
    standing.succeeds(&["down"]);
    assert_eq!(Machine::now(), before);
}

#[test]
fn a_container_that_is_gone_comes_back_with_the_next_up() {
    let standing = StandingLab::up("mended");
    standing.succeeds(&["exec", "docker1", "--", "ip", "link", "set", "macvlan1", "mtu", "1400"]);
    standing.succeeds(&["exec", "node-2", "--", "ip", "netns", "del", "docker2"]);
    let status = standing.succeeds(&["status"]);
    assert!(status.contains("docker2 is gone from node-2"), "{status}");
    standing.succeeds(&["up"]);
    standing.its_containers_reach_each_other();
    let kept = standing.succeeds(&["exec", "docker1", "--", "cat", "/sys/class/net/macvlan1/mtu"]);
    assert_eq!(kept.trim(), "1400", "the other is left as the person had it");
    let status = standing.succeeds(&["up", "--bare"]);
    assert!(status.contains("it has no containers"), "{status}");
    assert_eq!(standing.succeeds(&["exec", "node-1", "--", "ls", "/run/netns"]).trim(), "");
}

#[test]
fn containers_that_do_not_come_up_are_told() {
    let standing = StandingLab::described(Provider::Netns, "in-the-way");
    standing.succeeds(&["up", "--bare"]);
    standing.succeeds(&["exec", "node-1", "--", "ip", "link", "add", "macvlan1", "type", "veth"]);
    let output = standing.lab(&["up"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("its containers did not come up") && told.contains("on node-1"), "{told}");
    standing.succeeds(&["exec", "node-1", "--", "ip", "link", "del", "macvlan1"]);
    standing.succeeds(&["up"]);
    standing.its_containers_reach_each_other();
}

#[tokio::test]
async fn a_lab_that_a_person_has_changed_is_left_to_them() {
    let standing = StandingLab::up("changed");
    let status = standing.succeeds(&["status"]);
    standing.succeeds(&["exec", "node-1", "--", "ip", "link", "set", "ens33", "mtu", "1400"]);
    let lab = standing.lease("gets_a_lab_of_its_own").await;
    assert!(!status.contains(&format!("held by process {}", lab.keeper())), "{status}");
    assert_eq!(lab.uplink("node-1").await.expect("it tells").mtu, 1500);
    drop(lab);
    assert_eq!(standing.succeeds(&["status"]).lines().next(), status.lines().next(), "it stands");
    standing.succeeds(&["up"]);
    standing.its_containers_reach_each_other();
}

/// A lab of virtual machines that is brought up and ended again and again, with a cache of snapshots of its own.
struct SavedLab {
    lab: StandingLab,
    cache: Utf8TempDir,
}

impl SavedLab {
    fn new(name: &str) -> Self {
        let cache = camino_tempfile::tempdir().expect("a folder can be made");
        let ours = cache.path().join("macvlan-e2e");
        fs::create_dir(&ours).expect("a folder can be made");
        let users = std::env::var("XDG_CACHE_HOME").map_or_else(
            |_| Utf8PathBuf::from(std::env::var("HOME").expect("there is a home")).join(".cache"),
            Utf8PathBuf::from,
        );
        std::os::unix::fs::symlink(users.join("macvlan-e2e/images"), ours.join("images"))
            .expect("it can be linked");
        let mut lab = StandingLab::described(Provider::Qemu, name);
        lab.cache = Some(cache.path().to_owned());
        Self { lab, cache }
    }

    /// Brings it up without containers, and returns what was told meanwhile and then.
    fn up(&self) -> String {
        let Output { status, stdout, stderr } = self.lab.lab(&["up", "--bare"]);
        let told = String::from_utf8_lossy(&stderr).into_owned() + &String::from_utf8_lossy(&stdout);
        assert!(status.success(), "{told}");
        told
    }

    fn down(&self) {
        self.lab.succeeds(&["down"]);
    }

    /// Kills what holds it while its machines boot, and says what is then in the cache.
    fn is_killed_while_it_boots(&self) -> Vec<String> {
        let mut up = self.lab.command(&["up", "--bare"]);
        let mut up = up.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the command runs");
        let mut told = BufReader::new(up.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
        assert!(told.any(|line| line.contains(": boots")), "it does not boot");
        let status = String::from_utf8_lossy(&self.lab.lab(&["status"]).stdout).into_owned();
        let keeper = status.split("held by process ").nth(1).and_then(|rest| rest.split(':').next());
        let keeper = keeper.and_then(|pid| Pid::from_raw(pid.parse().ok()?)).expect("it is coming up");
        kill_process(keeper, Signal::KILL).expect("the process can be killed");
        let _ = told.count();
        up.wait().expect("it can be waited for");
        names(self.cache.path().join("macvlan-e2e/snapshots").as_str()).into_iter().collect()
    }

    fn on(&self, node: &str, command: &[&str]) -> String {
        self.lab.succeeds(&[&["exec", node, "--"], command].concat()).trim().to_owned()
    }

    /// Numbers that the machines' kernels make up.
    fn uuids(&self) -> Vec<String> {
        let read = |node| self.on(node, &["cat", "/proc/sys/kernel/random/uuid"]);
        ["node-1", "node-2", "node-1"].map(read).into()
    }

    #[track_caller]
    fn clocks_are_right(&self) {
        for node in ["node-1", "node-2"] {
            let before = SystemTime::now();
            let told: f64 = self.on(node, &["date", "+%s.%N"]).parse().expect("date prints a number");
            let told = UNIX_EPOCH + Duration::from_secs_f64(told);
            let early = before - CLOCKS_DIFFER;
            assert!(
                (early..SystemTime::now() + CLOCKS_DIFFER).contains(&told),
                "{node}: {told:?}, not {before:?}"
            );
        }
    }

    #[track_caller]
    fn its_nodes_reach_each_other(&self) {
        self.on("node-1", &["ping", "-c1", "-W5", "192.168.245.172"]);
    }

    /// The folder of the only snapshot.
    fn snapshot(&self) -> Utf8PathBuf {
        let folder = self.cache.path().join("macvlan-e2e/snapshots");
        let entries = folder.read_dir_utf8().expect("there are snapshots").filter_map(Result::ok);
        let folders: Vec<_> = entries.map(|entry| entry.into_path()).filter(|path| path.is_dir()).collect();
        let [snapshot] = &folders[..] else {
            panic!("there is not one whole snapshot and nothing else: {folders:?}")
        };
        snapshot.clone()
    }
}

#[test]
fn a_second_lab_is_restored_and_one_whose_snapshot_is_damaged_boots() {
    let lab = SavedLab::new("saved");
    let left = lab.is_killed_while_it_boots();
    assert!(left.iter().any(|name| name.starts_with(".building-")), "it was not about to be saved: {left:?}");
    let told = lab.up();
    assert!(told.contains("booted in"), "{told}");
    lab.down();
    let first = lab.snapshot();

    let told = lab.up();
    assert!(told.contains("restored in"), "{told}");
    lab.clocks_are_right();
    let mut uuids = lab.uuids();
    lab.down();
    assert!(lab.up().contains("restored in"));
    lab.clocks_are_right();
    uuids.extend(lab.uuids());
    lab.down();
    assert_eq!(uuids.iter().collect::<BTreeSet<_>>().len(), uuids.len(), "numbers repeat: {uuids:?}");

    let memory = fs::File::options().write(true).open(first.join("node-2.memory")).expect("it is there");
    memory.set_len(255 << 20).expect("it can be cut");
    let told = lab.up();
    assert!(told.contains("its node-2.memory has changed") && told.contains("booted in"), "{told}");
    lab.down();
    assert_eq!(lab.snapshot(), first, "another is made in its place");

    // Machines that QEMU would take, and is not to.
    let manifest = first.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("it can be read");
    let of_another = text.replace("\"qemu\": \"", "\"qemu\": \"0.");
    assert_ne!(text, of_another, "it says which QEMU wrote it");
    fs::write(&manifest, of_another).expect("it can be written");
    let told = lab.up();
    assert!(told.contains("the state was written by QEMU 0.") && told.contains("booted in"), "{told}");
    lab.down();

    // Machines that run and can't be used: nobody has the key that they let in.
    fs::copy(first.join("keys/node-1.host"), first.join("keys/client")).expect("a key can be replaced");
    let told = lab.up();
    assert!(told.contains("the restored machines are put away") && told.contains("booted in"), "{told}");
    lab.its_nodes_reach_each_other();
    lab.down();

    let told = lab.up();
    assert!(told.contains("restored in"), "{told}");
    lab.its_nodes_reach_each_other();
}

#[test]
fn a_lab_boots_that_is_asked_to_and_saves_nothing() {
    let lab = SavedLab::new("cold");
    let output =
        lab.lab.command(&["up", "--bare"]).env("LAB_BOOT", "cold").output().expect("the command runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("booted in"), "{told}");
    assert!(!lab.cache.path().join("macvlan-e2e/snapshots").exists(), "something was saved");
}
