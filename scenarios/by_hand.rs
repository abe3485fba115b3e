//! A lab that a person works in by the command `lab`: looked at, pinged, watched, put back.

mod by_hand {
    mod readme;
}

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Output, Stdio},
};

use camino::{Utf8Path, Utf8PathBuf};
use harness::frame::{Content, EchoDirection, Frame, PcapReader};
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What makes the tutorial's containers where `lab up` has not made them.
const CONTAINER: &str = "[ -e /run/netns/NAME ] || {
    ip netns add NAME && ip link add macvlan1 link ens33 type macvlan mode bridge && ip link set macvlan1 netns NAME
    ip netns exec NAME sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n NAME address add ADDRESS/24 dev macvlan1 && ip -n NAME link set macvlan1 up
}";

/// A lab of namespaces that stands for one test.
struct ByHand {
    topology: Utf8PathBuf,
}

impl ByHand {
    fn up(name: &str) -> Self {
        let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"));
        let topology = folder.join(format!("by-hand-{name}.toml"));
        std::fs::write(&topology, include_str!("../fixtures/topologies/tutorial.toml"))
            .expect("the file can be written");
        let lab = Self { topology };
        succeeded(&lab.run("up", &[]));
        lab
    }

    fn with_containers(name: &str) -> Self {
        let lab = Self::up(name);
        for (node, name, address) in
            [("node-1", "docker1", "192.168.245.180"), ("node-2", "docker2", "192.168.245.181")]
        {
            let script = CONTAINER.replace("NAME", name).replace("ADDRESS", address);
            succeeded(&lab.exec(node, &script));
        }
        lab
    }

    fn command(&self, verb: &str, words: &[&str]) -> Command {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args([verb, "--lab", "netns", "--topology", self.topology.as_str()]).args(words);
        lab.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        lab
    }

    fn run(&self, verb: &str, words: &[&str]) -> Output {
        self.command(verb, words).output().expect("the command can be run")
    }

    fn exec(&self, place: &str, line: &str) -> Output {
        self.run("exec", &[place, "--", "sh", "-c", line])
    }

    /// Starts a capture and waits until it captures.
    fn capture(&self, words: &[&str]) -> Child {
        let mut capture = self.command("capture", words).spawn().expect("the command can be started");
        let mut said = String::new();
        // Left open: what tcpdump counts is said in the end.
        let stderr = capture.stderr.as_mut().expect("it is piped");
        BufReader::with_capacity(1, stderr).read_line(&mut said).expect("it says something");
        assert!(said.contains("capturing"), "{said}");
        capture
    }

    fn ping(&self) {
        succeeded(&self.exec("docker1", "ip neigh flush all; ping -n -c 1 -W 3 192.168.245.181"));
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        let _ = self.run("down", &[]);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}: {said}", output.status);
    said
}

#[test]
fn a_ping_is_captured_everywhere_and_judged() {
    let lab = ByHand::with_containers("ping");
    let told = lab.run("ping", &["docker1", "docker2"]);
    let told = succeeded(&told);
    assert!(told.contains("docker1 > docker2  ICMP echo request, id A, seq 1"), "{told}");
    assert!(told.contains("pass: docker1 reaches docker2"), "{told}");
    assert!(!told.contains('\u{1b}'), "no terminal, no colour: {told}");

    succeeded(&lab.exec("host", "bridge link set dev port-node-2 state 0"));
    let told = lab.run("ping", &["--format", "json", "docker1", "docker2"]);
    assert_eq!(told.status.code(), Some(1), "{}", text(&told.stderr));
    let verdict: Value = serde_json::from_slice(&told.stdout).expect("it is one document");
    assert_eq!(verdict["verdict"], "fail");
    assert_eq!(verdict["missing_at"], "host/port-node-2");
    let folder = Utf8PathBuf::from(verdict["folder"].as_str().expect("the evidence is somewhere"));
    assert!(folder.join("docker2.macvlan1.pcap").exists(), "{folder}");
}

#[test]
fn who_can_not_be_pinged_is_told_apart_from_a_verdict() {
    let lab = ByHand::with_containers("unusable");
    succeeded(&lab.exec("node-2", "ip netns del docker2"));
    for (ends, told) in [
        (["docker1", "docker2"], "docker2 is not there"),
        (["docker1", "docker9"], "no host, node or container \"docker9\""),
        (["docker1", "docker1"], "docker1 is to ping itself"),
    ] {
        let output = lab.run("ping", &ends);
        assert_eq!(output.status.code(), Some(2), "{ends:?}");
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
    succeeded(&lab.run("down", &[]));
    let output = lab.run("ping", &["docker1", "docker2"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`lab up --lab netns` brings it up"), "{}", text(&output.stderr));
}

#[test]
fn a_capture_is_told_in_names_as_it_comes() {
    let lab = ByHand::with_containers("transcript");
    let capture = lab.capture(&["node-2", "--count", "4", "--", "arp", "or", "icmp"]);
    lab.ping();
    let told = succeeded(&capture.wait_with_output().expect("it ends after four frames"));
    let told: Vec<&str> =
        told.lines().filter_map(|line| line.split_once(' ')).map(|(_, said)| said).collect();
    assert_eq!(
        told[..2],
        [
            "docker1 > broadcast  ARP, Request who-has docker2 tell docker1",
            "docker2 > docker1  ARP, Reply docker2 is-at docker2",
        ]
    );
    assert!(told[2].starts_with("docker1 > docker2  ICMP echo request"), "{told:?}");
    assert!(told[3].starts_with("docker2 > docker1  ICMP echo reply"), "{told:?}");
}

#[rstest]
#[case::of_a_node("node-2/ens33")]
#[case::of_a_container("docker2")]
#[case::of_the_host("host/port-node-2")]
fn an_interrupted_capture_is_whole_and_leaves_no_tcpdump(#[case] vantage: &str) {
    let lab = ByHand::with_containers(&vantage.replace('/', "-"));
    let mut capture = lab.capture(&[vantage, "--raw"]);
    lab.ping();
    // What comes late is read behind the interrupt: frames are taken until the reply is there.
    let mut stdout = capture.stdout.take().expect("it is piped");
    let mut data = Vec::new();
    let mut piece = [0; 4096];
    while !frames(&data).iter().any(is_echo_reply) {
        let length = stdout.read(&mut piece).expect("it can be read");
        assert!(length > 0, "the capture ended early");
        data.extend(&piece[..length]);
    }
    let pid = Pid::from_child(&capture);
    kill_process(pid, Signal::INT).expect("it can be interrupted");
    stdout.read_to_end(&mut data).expect("it can be read");
    let output = capture.wait_with_output().expect("it ends");
    let said = succeeded(&output);
    assert!(said.contains("0 packets dropped by kernel"), "{said}");
    assert_eq!(PcapReader::read_all(&data).1, None, "the data is whole");
    assert_eq!(text(&lab.exec("host", "pgrep -x tcpdump").stdout), "", "tcpdump is gone");
}

fn is_echo_reply(frame: &Frame) -> bool {
    matches!(&frame.content, Content::Echo(echo) if echo.direction == EchoDirection::Reply)
}

fn frames(data: &[u8]) -> Vec<Frame> {
    PcapReader::read_all(data).0.iter().map(Frame::decode).collect()
}

#[test]
fn a_capture_ends_with_its_reader() {
    let lab = ByHand::with_containers("reader");
    let mut capture = lab.capture(&["docker1", "--raw"]);
    drop(capture.stdout.take());
    succeeded(&capture.wait_with_output().expect("it ends"));
}

#[test]
fn a_lab_is_put_back_or_replaced() {
    let lab = ByHand::up("reset");
    let keeper = |lab: &ByHand| {
        let status = lab.run("status", &["--format", "json"]);
        let status: Value = serde_json::from_slice(&status.stdout).expect("it is one document");
        assert_eq!(status["state"], "up", "{status}");
        status["keeper"].as_u64()
    };
    let first = keeper(&lab);
    assert!(succeeded(&lab.run("reset", &[])).contains("is put back"));
    assert_eq!(keeper(&lab), first, "it was clean, and is the same");

    succeeded(&lab.exec("node-1", "ip link add left-behind type veth"));
    let told = succeeded(&lab.run("reset", &[]));
    assert!(told.contains("is replaced by another") && told.contains("left-behind"), "{told}");
    assert_ne!(keeper(&lab), first, "it was not clean, and is another");
    let links = succeeded(&lab.exec("node-1", "ip link"));
    assert!(!links.contains("left-behind"), "{links}");
}

#[test]
fn what_scripts_read_is_one_document() {
    let lab = ByHand::up("documents");
    let read = |verb: &str, words: &[&str]| -> Value {
        serde_json::from_slice(&lab.run(verb, words).stdout).expect("it is one document")
    };
    let plan = read("plan", &["--format", "json"]);
    assert_eq!(plan["machines"][0]["name"], "node-1");
    assert!(plan["machines"][0]["sections"][0]["lines"].as_array().is_some_and(|lines| !lines.is_empty()));
    let status = read("status", &["--format", "json"]);
    assert_eq!(status["lab"], "netns");
    assert!(status["facts"]["kernels"]["node-1"].is_string(), "{status}");
    succeeded(&lab.run("down", &[]));
    assert_eq!(read("status", &["--format", "json"])["state"], "nothing");
}

#[rstest]
#[case::bash("bash")]
#[case::zsh("zsh")]
#[case::fish("fish")]
fn shells_learn_the_verbs(#[case] shell: &str) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    let script = lab.args(["completions", shell]).output().expect("the command can be run");
    let script = succeeded(&script);
    for verb in ["capture", "ping", "reset", "sweep"] {
        assert!(script.contains(verb), "{shell} does not learn {verb}");
    }
    assert!(!script.contains("keep"), "what the scenarios call is no verb for people");
}
