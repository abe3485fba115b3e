//! Labs that are restored from memory.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use camino::Utf8PathBuf;
use camino_tempfile::Utf8TempDir;
use harness::provider::Provider;
use rustix::process::{Pid, Signal, kill_process};

use super::{
    standing::{LAB, StandingLab},
    untouched::names,
};

/// How far a node's clock may be off: what a command took to arrive when it was set.
const CLOCKS_DIFFER: Duration = Duration::from_secs(1);

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
        let lab = StandingLab::described(Provider::Qemu, name).with_cache(cache.path());
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

/// The cache's disk is full: what is half saved is given up, and with it machines of which nobody knows whether they go on.
#[test]
fn a_lab_that_can_not_be_saved_boots_once_more() {
    let lab = SavedLab::new("no-room");
    let snapshots = lab.cache.path().join("macvlan-e2e/snapshots");
    fs::create_dir(&snapshots).expect("a folder can be made");
    let up = format!("mount -t tmpfs -o size=16m small {snapshots} && exec {LAB} up --bare");
    let mut up = lab.lab.through(Command::new("unshare").args(["--mount", "sh", "-c", &up]));
    let output = up.output().expect("the command runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("the machines boot once more") && told.contains("No space left"), "{told}");
    lab.its_nodes_reach_each_other();
}

/// On a terminal the machines' consoles are told meanwhile.
#[test]
fn a_lab_boots_that_is_asked_to_and_saves_nothing() {
    let lab = SavedLab::new("cold");
    let up = format!("{LAB} up --bare");
    let mut up = lab.lab.through(Command::new("script").args(["-q", "-e", "-c", &up, "/dev/null"]));
    let output = up.env("LAB_BOOT", "cold").stdin(Stdio::null()).output().expect("the command runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("booted in"), "{told}");
    // Not each line is: the next one may come before it is drawn.
    assert!(told.contains("node-1: [") || told.contains("node-2: ["), "{told}");
    assert!(!lab.cache.path().join("macvlan-e2e/snapshots").exists(), "something was saved");
}
