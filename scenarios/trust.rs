//! Nobody gets into a lab, and nothing leaks out of it.

use std::{
    collections::BTreeSet,
    env,
    fs::{self, File, read_link},
    io::{BufRead as _, BufReader, Write as _},
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            fs::PermissionsExt as _,
            net::{SocketAddr, UnixStream},
        },
    },
    path::PathBuf,
    process::Command,
};

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::Utf8TempDir;
use harness::{
    lab::{Lab, Lease, Settings},
    provider::Provider,
    report::{Outcome, RunReport, ScenarioResult},
};
use rstest::rstest;

/// A lab of its own, whose runs are in a folder of their own.
async fn lease(provider: Provider, runs: &Utf8TempDir, scenario: &str) -> Lease {
    let topology_path = runs.path().join(format!("{scenario}.toml"));
    fs::write(&topology_path, include_str!("../fixtures/topologies/lab.toml"))
        .expect("the file can be written");
    let settings = Settings::new(provider, &topology_path, runs.path(), env!("CARGO_BIN_EXE_lab").into());
    let settings = settings.expect("the tutorial's topology is valid");
    Lab::lease(&settings, scenario, |_| {}).await.expect("there is a lab")
}

fn files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = folder.read_dir_utf8().expect("the folder can be listed");
    let paths = entries.map(|entry| entry.expect("it can be listed").into_path());
    let (folders, mut files): (Vec<_>, Vec<_>) =
        paths.filter(|path| !path.is_symlink()).partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| self::files(folder)));
    files
}

#[rstest]
#[case::of_namespaces(Provider::Netns)]
#[case::of_virtual_machines(Provider::Qemu)]
#[tokio::test]
async fn private_keys_are_their_owners_alone_and_in_nothing_that_a_run_leaves(#[case] provider: Provider) {
    let runs = camino_tempfile::tempdir().expect("there is room for a run");
    let lab = lease(provider, &runs, "leaves_no_key").await;
    let containers = lab.set_up().await.expect("the containers come up");
    let captures = lab.capture_everywhere(&containers).await.expect("the captures start");
    lab.ping("docker1", "docker2").expect("both are there").send().await.expect("it can be sent");
    captures.finish().await.expect("the evidence is good");
    // What fails says most.
    let failed =
        lab.endpoint("node-1").expect("there is node-1").run("ip link show dev nothing; false").await;
    let failed = format!("{:?}", failed.expect_err("it fails"));
    let result = ScenarioResult {
        outcome: Outcome::Failed,
        remarks: vec![failed],
        ..ScenarioResult::begun("namespaces")
    };
    result.write(lab.folder()).expect("the result can be written");
    let page = RunReport::add(lab.folder()).expect("the page can be written");

    let keys = Utf8PathBuf::from(format!("/proc/{}/root/run/lab/keys", lab.keeper()));
    let mode = |path: &Utf8Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
    assert_eq!(mode(&keys), 0o700);
    let private: Vec<_> =
        ["client", "node-1.host", "node-2.host"].iter().map(|name| keys.join(name)).collect();
    let lines = private.iter().flat_map(|key| {
        assert_eq!(mode(key), 0o600, "{key}");
        let text = fs::read_to_string(key).expect("it can be read");
        text.lines()
            .filter(|line| line.len() > 10 && !line.starts_with('-'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let lines: Vec<String> = lines.collect();
    assert!(lines.len() > 3 * private.len(), "the keys have lines");
    let left = files(runs.path());
    assert!(left.contains(&page) && left.len() > 10, "{left:#?}");
    for file in left {
        let bytes = fs::read(&file).expect("it can be read");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("PRIVATE KEY"), "{file} has a private key");
        assert!(lines.iter().all(|line| !text.contains(line)), "{file} has a part of a private key");
    }
}

#[rstest]
#[case::of_namespaces(Provider::Netns)]
#[case::of_virtual_machines(Provider::Qemu)]
#[tokio::test]
async fn nothing_of_a_lab_is_reachable_from_outside_its_namespaces(#[case] provider: Provider) {
    let runs = camino_tempfile::tempdir().expect("there is room for a run");
    let lab = lease(provider, &runs, "is_not_reached").await;
    let containers = lab.set_up().await.expect("the containers come up");
    let _captures = lab.capture_everywhere(&containers).await.expect("the captures start");

    let processes = processes_of(&lab);
    assert!(processes.len() > 5, "the lab has sshds and captures: {processes:?}");
    // Its SSH servers listen nowhere: each is started for one connection, on that one's own streams.
    let machines_own = own_network(&PathBuf::from("/proc/self"));
    let outside: BTreeSet<String> = sockets_of_this_network();
    for process in &processes {
        assert_ne!(own_network(process), machines_own, "{process:?} is in the machine's own network");
        let shared: Vec<_> = sockets(process).intersection(&outside).cloned().collect();
        assert!(shared.is_empty(), "{process:?} has sockets of the machine's own network: {shared:?}");
    }
    for what in ["address", "route", "neighbour"] {
        let output = Command::new("ip").args(["-o", what, "show"]).output().expect("there is ip");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!text.contains("192.168.245."), "the machine has an {what} of the lab's:\n{text}");
    }
}

/// Where a keeper listens, without the first byte of an abstract name: its descriptor 3.
fn name_of_keeper(lab: &Lease) -> String {
    let socket = read_link(format!("/proc/{}/fd/3", lab.keeper())).expect("the keeper listens");
    let socket = socket.to_string_lossy();
    let inode =
        socket.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')).expect("it is a socket");
    let sockets = fs::read_to_string("/proc/self/net/unix").expect("there are sockets");
    let its = sockets.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(6);
        (words.next() == Some(inode)).then(|| words.next()?.strip_prefix('@'))?
    });
    its.expect("it has an abstract name").to_owned()
}

/// What a keeper says to whoever wants to know what there is; nothing, where it closes the connection.
fn answer_of(name: &str) -> String {
    let address = SocketAddr::from_abstract_name(name).expect("an abstract name");
    let mut stream = UnixStream::connect_addr(&address).expect("anybody may connect");
    let mut said = String::new();
    // It may have been closed by now.
    let _ = stream.write_all(b"\"look\"\n").and_then(|()| BufReader::new(stream).read_line(&mut said));
    said
}

/// The name that [`a_stranger`] connects to.
const KEEPER: &str = "TRUST_KEEPER";

#[test]
#[ignore = "another test runs this as another user"]
fn a_stranger() {
    let name = env::var(KEEPER).expect("somebody says where the keeper listens");
    println!("the keeper said {:?}", answer_of(&name));
}

/// An abstract socket has no file permissions. Nobody is another user than this one.
#[tokio::test]
async fn another_users_process_hears_nothing_of_a_keeper() {
    let runs = camino_tempfile::tempdir().expect("there is room for a run");
    let lab = lease(Provider::Netns, &runs, "is_not_heard").await;
    let name = name_of_keeper(&lab);
    let ours = answer_of(&name);
    assert!(ours.contains("is_not_heard"), "the keeper answers its own user: {ours:?}");
    // Its own file is handed over, since another user may not be let into this one's folders.
    let this = File::open(env::current_exe().expect("this test has a file")).expect("it can be opened");
    let output = Command::new("setpriv")
        .args(["--reuid", "65534", "--clear-groups", "--", "/proc/self/fd/0"])
        .args(["a_stranger", "--exact", "--ignored", "--nocapture"])
        .env(KEEPER, &name)
        .stdin(this)
        .output()
        .expect("there is a setpriv");
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("the keeper said \"\""), "{told}");
}

/// What a command prints of a capture.
fn printed_by(command: &mut Command, capture: &Utf8Path) -> String {
    let output = command.arg(capture).output().expect("the command can be run");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The captures that are checked in.
fn recorded() -> Vec<Utf8PathBuf> {
    let recorded = files(&Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/captures"));
    recorded.into_iter().filter(|path| matches!(path.extension(), Some("pcap" | "pcapng"))).collect()
}

fn decode(capture: &Utf8Path) -> String {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    printed_by(lab.args(["decode", "--format", "tcpdump"]), capture)
}

#[test]
fn the_command_prints_captures_as_tcpdump_does() {
    for capture in recorded() {
        let theirs = printed_by(Command::new("tcpdump").args(["-n", "-r"]), &capture);
        assert_eq!(decode(&capture), theirs, "{capture}");
    }
}

/// Whatever somebody has sent, nothing in it steers the terminal that it is printed on.
#[test]
fn the_command_prints_captures_that_nobody_recorded() {
    let folder = camino_tempfile::tempdir().expect("there is room for captures");
    let altered = folder.path().join("altered.pcap");
    let mut random = fastrand::Rng::with_seed(6);
    let mut lines = 0;
    for capture in recorded() {
        let mut bytes = fs::read(&capture).expect("the capture can be read");
        // Behind the header, so that it is still a capture.
        for byte in bytes.iter_mut().skip(200) {
            *byte = if random.u8(..) < 8 { random.u8(..) } else { *byte };
        }
        fs::write(&altered, bytes).expect("it can be written");
        let printed = decode(&altered);
        let steers = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
        assert!(!printed.contains(steers), "{printed:?}");
        lines += printed.lines().count();
    }
    assert!(lines > 20, "only {lines} lines are printed of all");
}

/// All processes in the PID namespace of the lab's keeper.
fn processes_of(lab: &Lease) -> Vec<PathBuf> {
    let own = read_link(format!("/proc/{}/ns/pid_for_children", lab.keeper())).expect("the keeper lives");
    let all =
        fs::read_dir("/proc").expect("there is a /proc").filter_map(Result::ok).map(|entry| entry.path());
    all.filter(|process| read_link(process.join("ns/pid")).is_ok_and(|namespace| namespace == own)).collect()
}

fn own_network(process: &std::path::Path) -> Option<PathBuf> {
    read_link(process.join("ns/net")).ok()
}

/// The sockets that a process has, as `/proc` names them: `socket:[INODE]`.
fn sockets(process: &std::path::Path) -> BTreeSet<String> {
    let descriptors = fs::read_dir(process.join("fd")).into_iter().flatten().filter_map(Result::ok);
    let links = descriptors.filter_map(|descriptor| read_link(descriptor.path()).ok());
    links.map(|link| link.to_string_lossy().into_owned()).filter(|link| link.starts_with("socket:")).collect()
}

/// All sockets of this process's network that a packet can reach (proc_net(5); the inode is the tenth column of each).
fn sockets_of_this_network() -> BTreeSet<String> {
    let tables = ["tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6"];
    let texts = tables.iter().filter_map(|table| fs::read_to_string(format!("/proc/self/net/{table}")).ok());
    let inodes = texts.flat_map(|text| {
        text.lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().nth(9).map(str::to_owned))
            .collect::<Vec<_>>()
    });
    inodes.map(|inode| format!("socket:[{inode}]")).collect()
}
