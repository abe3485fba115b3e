//! Machines that exist already (LAB=ssh): had by one run at a time, looked at before anything is changed, and given
//! back as they were. The nodes of a lab of namespaces stand for them.

use std::{
    env, fs,
    pin::pin,
    process::Stdio,
    time::{Duration, Instant},
};

use camino::Utf8Path;
use harness::{
    keeper::{Swept, sweep},
    lab::{Event, Lab, LabError, Lease, Settings, Standing, StandingLab},
    machine::Script,
    provider::Provider,
};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::timeout;

const TOPOLOGY: &str = include_str!("../fixtures/topologies/existing-machines-without-host.toml");

fn settings(provider: Provider, name: &str, topology: &str) -> Settings {
    let path = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("existing-{name}.toml"));
    fs::write(&path, topology).expect("the file can be written");
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    Settings::new(provider, &path, &runs, env!("CARGO_BIN_EXE_lab").into()).expect("the topology is valid")
}

/// Two machines, and how a run reaches them.
struct Existing {
    /// Held, so that they exist.
    machines: Lease,
    settings: Settings,
}

impl Existing {
    async fn new(name: &str) -> Self {
        let whole = include_str!("../fixtures/topologies/existing-machines.toml");
        let beneath = settings(Provider::Netns, &format!("{name}-beneath"), whole);
        let machines = Lab::lease(&beneath, &format!("existing_{name}_beneath"), |_| {}).await;
        let machines = machines.expect("there is a lab of namespaces");
        let aliases = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("existing-{name}.ssh_config"));
        fs::write(&aliases, machines.ssh_config().expect("the lab has an ssh_config"))
            .expect("it can be written");
        let settings = settings(Provider::Ssh, name, TOPOLOGY);
        Self { machines, settings: settings.with_ssh_config(Some(&aliases)).expect("it can be read") }
    }

    /// The same machines, as another run knows them.
    fn for_another_run(&self, name: &str, topology: &str) -> Settings {
        let aliases = self.settings.ssh_config.as_deref();
        settings(Provider::Ssh, name, topology).with_ssh_config(aliases).expect("it can be read")
    }

    /// A process of its own that sends one ping between these machines.
    fn run_of_its_own(&self) -> tokio::process::Child {
        let aliases = self.settings.ssh_config.as_deref().expect("they are reached by aliases");
        tokio::process::Command::new(env::current_exe().expect("this test has a file"))
            .args(["a_run", "--exact", "--ignored"])
            .env(ALIASES, aliases)
            .env_remove("NEXTEST_RUN_ID")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("this test can be run again")
    }

    /// What no run may leave anything of.
    async fn state(&self) -> [String; 2] {
        let line = "ip -o link | cut -d' ' -f2; ls /run/netns";
        [self.ask("node-1", line).await, self.ask("node-2", line).await]
    }

    /// What a line prints on a machine.
    async fn ask(&self, machine: &str, line: &str) -> String {
        let machine = self.machines.machine(machine).expect("the machine is there");
        machine.run(&Script::new().step(line)).await.expect("the line runs").stdout
    }
}

async fn lease(settings: &Settings, scenario: &str) -> Result<Lease, LabError> {
    Lab::lease(settings, scenario, |_: &Event| {}).await
}

#[tokio::test]
async fn one_run_at_a_time_has_a_machine() {
    let existing = Existing::new("taken").await;
    let first = lease(&existing.settings, "existing_taken").await.expect("the machines are free");
    let another = existing.for_another_run("taken-again", TOPOLOGY);
    let error =
        lease(&another, "existing_taken_again").await.expect_err("the machines are taken").to_string();
    let keeper = first.keeper();
    assert!(error.contains(&format!("another run has it: the keeper with process id {keeper}")), "{error}");
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_before_anything_is_changed() {
    let existing = Existing::new("unfit").await;
    let state = "ip -o link | cut -d' ' -f2; ip -4 -o address; ls /run/netns";
    let before = existing.ask("node-1", state).await;
    existing.ask("node-2", "ip address add 192.168.245.190/24 dev enp1s0").await;
    existing.ask("node-1", "ip netns add docker1").await;
    let error =
        lease(&existing.settings, "existing_unfit").await.expect_err("the machines are unfit").to_string();
    existing.ask("node-1", "ip netns del docker1").await;
    assert!(error.contains("node-1 has a namespace \"docker1\" already, and not of a run"), "{error}");
    let taken = "asked from node-1, somebody has a container's address: 192.168.245.190";
    assert!(error.contains(taken), "{error}");
    assert_eq!(existing.ask("node-1", state).await, before);
}

/// Somebody logs in who is not root, and sudo wants a password of.
#[tokio::test]
async fn an_account_that_sudo_wants_a_password_of_is_told() {
    let existing = Existing::new("no-root").await;
    let folder = "/run/netns/.own";
    let program = |name: &str, does: &str| {
        format!("printf '%s\\n' '#!/bin/sh' '{does}' >{folder}/{name}; chmod +x {folder}/{name}; ")
    };
    let id = program("id", "case $1 in -un) echo tester;; *) echo 1000;; esac");
    let sudo = program("sudo", "echo \"sudo: a password is required\" >&2; exit 1");
    // It is before the machine's own on everybody's path, and in this machine's mounts alone.
    let stand_in = format!("mkdir {folder}; {id}{sudo}mount --bind {folder} /usr/local/bin");
    existing.ask("node-1", &stand_in).await;
    let error = lease(&existing.settings, "existing_no_root").await.expect_err("it can't become root");
    existing.ask("node-1", &format!("umount /usr/local/bin; rm -r {folder}")).await;
    let text = error.to_string();
    assert!(text.contains("tester on node-1 can't run commands as root: "), "{text}");
    assert!(text.contains("sudo: a password is required"), "{text}");
    let LabError::Refused { help, .. } = error else { panic!("{error:?}") };
    assert!(help.contains("tester ALL=(ALL) NOPASSWD: ALL"), "{help}");
}

#[tokio::test]
async fn an_alias_that_ssh_does_not_know_is_told() {
    let existing = Existing::new("alias").await;
    let topology = TOPOLOGY.replacen("name = \"node-1\"", "name = \"node-1\"\nssh = \"no-such-machine\"", 1);
    let another = existing.for_another_run("no-alias", &topology);
    let error = lease(&another, "existing_no_alias").await.expect_err("there is no such machine");
    let text = error.to_string();
    assert!(text.contains("ssh did not connect to node-1 by the alias \"no-such-machine\""), "{text}");
    let LabError::Refused { help, .. } = error else { panic!("{error:?}") };
    assert!(help.contains("LAB_SSH_CONFIG"), "{help}");
}

/// The keeper is killed while a scenario has containers: the guard on each node undoes them.
#[tokio::test]
async fn a_machine_is_as_it_was_when_the_run_is_killed() {
    let existing = Existing::new("killed").await;
    let before = existing.ask("node-1", "ip -o link | cut -d' ' -f2; ls /run/netns").await;
    let lab = lease(&existing.settings, "existing_killed").await.expect("the machines are free");
    lab.set_up().await.expect("the containers come up");
    let during = existing.ask("node-1", "ls /run/netns").await;
    assert!(during.contains("docker1"), "{during}");
    kill_keeper(&lab);

    // The machines are free when the guards have done their work.
    let another = existing.for_another_run("after-the-kill", TOPOLOGY);
    let next = lease(&another, "existing_after_the_kill").await.expect("the machines are free again");
    assert_eq!(existing.ask("node-1", "ip -o link | cut -d' ' -f2; ls /run/netns").await, before);
    next.set_up().await.expect("the containers come up again");
}

/// How long a scenario may go on that has lost its lab: all of its commands' deadlines together.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(60);

/// How often a run is killed at a random instant: `CRASHES` times or three.
fn kills() -> u32 {
    env::var("CRASHES").map_or(3, |kills| kills.parse().expect("CRASHES is a number"))
}

/// The keeper is killed at random instants of a scenario, whose commands are under way then. What has a name like the lab's is
/// somebody else's.
#[tokio::test]
async fn a_machine_is_as_it_was_whenever_the_run_is_killed() {
    let existing = Existing::new("instants").await;
    existing
        .ask("node-1", "ip netns add docker10 && ip link add macvlan10 type veth peer name macvlan11")
        .await;
    let before = existing.state().await;
    let mut whole = Duration::ZERO;
    for trial in 0..=kills() {
        let settings = existing.for_another_run(&format!("instant-{trial}"), TOPOLOGY);
        let lab = lease(&settings, &format!("existing_instant_{trial}")).await;
        let lab = lab.expect("the machines are free once the guards have done their work");
        assert_eq!(existing.state().await, before, "before trial {trial}");
        let start = Instant::now();
        // The first comes to its end, which tells how long that takes.
        let instant = if trial == 0 { Duration::MAX } else { whole.mul_f64(fastrand::f64()) };
        let mut scenario = pin!(one_ping(&lab));
        let ended = timeout(instant, &mut scenario).await;
        if trial == 0 {
            whole = start.elapsed();
        }
        kill_keeper(&lab);
        match ended {
            Ok(ended) => ended.expect("nothing is wrong before the kill"),
            Err(_) => {
                println!("trial {trial}: killed after {instant:?} of {whole:?}");
                // Whatever it says: it must not wait for what is gone.
                let _ = timeout(GIVEN_UP_WITHIN, scenario).await.expect("a scenario without a lab ends");
            }
        }
    }
    let another = existing.for_another_run("after-the-instants", TOPOLOGY);
    let next = lease(&another, "existing_after_the_instants").await.expect("the machines are free again");
    assert_eq!(existing.state().await, before);
    one_ping(&next).await.expect("the next run passes");
}

/// How the run to be killed reaches the machines.
const ALIASES: &str = "EXISTING_ALIASES";

#[tokio::test]
#[ignore = "another test runs this as a process to kill"]
async fn a_run() -> miette::Result<()> {
    let aliases = env::var(ALIASES).expect("somebody says how the machines are reached");
    let settings =
        settings(Provider::Ssh, "killed-runner", TOPOLOGY).with_ssh_config(Some(aliases.as_ref()))?;
    let lab = lease(&settings, "existing_killed_runner").await?;
    one_ping(&lab).await
}

/// The test process itself is killed at random instants, before it has machines and afterwards: its keeper undoes what it did.
#[tokio::test]
async fn a_machine_is_as_it_was_whenever_the_run_is_killed_itself() {
    let existing = Existing::new("runner").await;
    let before = existing.state().await;
    let mut whole = Duration::ZERO;
    let (mut trial, mut killed) = (0, 0);
    while killed < kills() {
        let start = Instant::now();
        let mut run = existing.run_of_its_own();
        // The first comes to its end, which tells how long that takes. So may any other, and then another is tried.
        let instant = if trial == 0 { Duration::MAX } else { whole.mul_f64(fastrand::f64()) };
        match timeout(instant, run.wait()).await {
            Ok(ended) => {
                assert!(ended.expect("it can be waited for").success(), "trial {trial} failed by itself")
            }
            Err(_) => {
                run.kill().await.expect("the run can be killed");
                killed += 1;
                println!("trial {trial}: killed after {instant:?} of {whole:?}");
            }
        }
        if trial == 0 {
            whole = start.elapsed();
        }
        let another = existing.for_another_run(&format!("after-runner-{trial}"), TOPOLOGY);
        let next = lease(&another, &format!("existing_after_runner_{trial}")).await;
        let next = next.expect("the machines are free once the keeper has done its work");
        assert_eq!(existing.state().await, before, "after trial {trial}");
        one_ping(&next).await.expect("the next run passes");
        // It would have the machines for as long as this process lives.
        kill_keeper(&next);
        trial += 1;
    }
}

fn kill_keeper(lab: &Lease) {
    let keeper = i32::try_from(lab.keeper()).ok().and_then(Pid::from_raw).expect("the keeper lives");
    kill_process(keeper, Signal::KILL).expect("the keeper can be killed");
}

/// All that a scenario does with machines.
async fn one_ping(lab: &Lease) -> miette::Result<()> {
    let containers = lab.set_up().await?;
    let captures = lab.capture_everywhere(&containers).await?;
    lab.ping("docker1", "docker2")?.send().await?;
    captures.finish().await?;
    Ok(())
}

/// A node that is lost proves nothing about the network; what the others captured is kept.
#[tokio::test]
async fn a_node_that_drops_off_makes_the_captures_inconclusive() {
    let existing = Existing::new("lost").await;
    let lab = lease(&existing.settings, "existing_lost").await.expect("the machines are free");
    let containers = lab.set_up().await.expect("the containers come up");
    let captures = lab.capture_everywhere(&containers).await.expect("the captures start");
    lab.ping("docker1", "docker2").expect("both are there").send().await.expect("the ping ends");
    let sshd = "p=$PPID; until case $(cat /proc/$p/comm) in sshd*) true;; *) false;; esac; do p=$(cut -d' ' -f4 /proc/$p/stat); done; kill -9 $p";
    let node = lab.machine("node-2").expect("there is node-2");
    node.run(&Script::new().step(sshd)).await.expect_err("the connection is lost");
    let error = captures.finish().await.expect_err("half of the captures are lost").to_string();
    assert!(error.starts_with("inconclusive: "), "{error}");
    assert!(error.contains("the capture at node-2/enp1s0 was not whole"), "{error}");
    assert!(!error.contains("the capture at node-1"), "{error}");
    let kept = fs::metadata(lab.folder().join("docker1.macvlan1.pcap")).expect("the capture is kept");
    assert!(kept.len() > 24, "it has frames and not only a header");
}

/// A run whose driver was suspended wakes up when another has its machines.
#[tokio::test]
async fn a_run_that_fell_silent_leaves_the_next_one_alone() {
    let existing = Existing::new("silent").await;
    let silent = lease(&existing.settings, "existing_silent").await.expect("the machines are free");
    silent.set_up().await.expect("the containers come up");
    // The signs of life cease: what the guards wait for ends without a word.
    existing
        .ask("node-1", "for p in /proc/[0-9]*; do [ \"$(cat $p/comm)\" != head ] || kill ${p#/proc/}; done")
        .await;

    let another = existing.for_another_run("after-the-silence", TOPOLOGY);
    let next = lease(&another, "existing_after_the_silence").await.expect("the machines are free again");
    next.set_up().await.expect("the containers come up again");
    let node = silent.machine("node-1").expect("there is node-1");
    let refused =
        node.run(&Script::new().change("true", "true")).await.expect_err("it has the machine no more");
    assert!(refused.to_string().contains("this run does not have the machine any more"), "{refused}");
    drop(silent);
    let namespaces = existing.ask("node-1", "ls /run/netns").await;
    assert!(namespaces.contains("docker1"), "the next run's container is gone: {namespaces}");
}

/// Nobody's death would end a lab that stands and did not come up.
#[tokio::test]
async fn a_lab_that_does_not_come_up_does_not_stand() {
    let topology = TOPOLOGY.replacen("name = \"node-1\"", "name = \"node-1\"\nssh = \"no-such-machine\"", 1);
    let aliases = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("existing-nobody.ssh_config");
    fs::write(&aliases, "Host *\n  ProxyCommand false\n").expect("it can be written");
    let settings = settings(Provider::Ssh, "never-up", &topology);
    let settings = settings.with_ssh_config(Some(&aliases)).expect("it can be read");
    for _ in 0..2 {
        let error =
            StandingLab::bring_up(&settings, true, |_| {}).await.expect_err("there is no such machine");
        // Both are asked at the same time, and neither is there.
        assert!(error.to_string().contains("no-such-machine"), "{error}");
    }
    let standing = StandingLab::find(&(&settings).into()).await.expect("nobody is to be asked");
    assert!(matches!(standing, Standing::Nothing), "{standing:?}");
}

#[tokio::test]
async fn what_a_dead_run_has_left_is_swept_by_its_record() {
    let existing = Existing::new("sweep").await;
    let left = "mkdir -p /run/macvlan-e2e; echo 'ip link del left-by-a-run' >/run/macvlan-e2e/undo.dead; \
                ip link add left-by-a-run type veth peer name left-too; ip link add foreign type veth peer name foreign-too";
    existing.ask("node-2", left).await;
    let folder = camino_tempfile::tempdir().expect("a folder for the sockets");
    let swept = sweep(&existing.settings, folder.path(), &|_| {}).await.expect("the machines are reached");
    let undone = |machine: &str| {
        let of = swept.iter().find(|swept| swept.machine == machine).expect("the machine was looked at");
        of.undone.as_ref().expect("nobody has it").clone()
    };
    assert_eq!(undone("node-1"), Vec::<String>::new());
    assert_eq!(undone("node-2"), ["ip link del left-by-a-run"]);
    let links = existing.ask("node-2", "ip -o link").await;
    assert!(!links.contains("left-by-a-run") && links.contains("foreign"), "{links}");
}

#[tokio::test]
async fn what_a_living_run_has_made_is_not_swept() {
    let existing = Existing::new("sweep-alive").await;
    let lab = lease(&existing.settings, "existing_sweep_alive").await.expect("the machines are free");
    lab.set_up().await.expect("the containers come up");
    let folder = camino_tempfile::tempdir().expect("a folder for the sockets");
    let swept = sweep(&existing.settings, folder.path(), &|_| {}).await.expect("the machines are reached");
    for Swept { machine, undone } in swept {
        let error = undone.expect_err("a run has it").to_string();
        assert!(error.contains(&format!("{machine} can't be had: another run has it")), "{error}");
    }
    assert!(existing.ask("node-1", "ls /run/netns").await.contains("docker1"));
}
