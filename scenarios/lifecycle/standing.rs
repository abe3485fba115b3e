//! Labs that stand while no scenario has them.

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    lab::{Lab, Lease, Settings},
    provider::Provider,
};

use super::{settings::settings, untouched::Untouched};

pub(super) const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// How long containers may take to be back; it takes some tenths of a second.
const BACK_DEADLINE: Duration = Duration::from_secs(10);

/// A lab that stands, by the command, as a person has it.
pub(super) struct StandingLab {
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

    pub(super) fn described(provider: Provider, name: &str) -> Self {
        Self { settings: settings(provider, name), cache: None }
    }

    pub(super) fn with_cache(mut self, folder: &Utf8Path) -> Self {
        self.cache = Some(folder.to_owned());
        self
    }

    pub(super) fn lab(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the command runs")
    }

    pub(super) fn command(&self, words: &[&str]) -> Command {
        self.through(Command::new(LAB).args(words))
    }

    /// A command that calls `lab`, or one that does so in its turn.
    pub(super) fn through(&self, command: &mut Command) -> Command {
        let mut own = Command::new(command.get_program());
        own.args(command.get_args()).env("LAB", self.settings.provider.to_string());
        own.env("LAB_TOPOLOGY", &self.settings.topology_path).env_remove("LAB_SSH_CONFIG");
        own.env_remove("LAB_BOOT").envs(self.cache.iter().map(|folder| ("XDG_CACHE_HOME", folder)));
        own
    }

    #[track_caller]
    pub(super) fn succeeds(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.lab(words);
        let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(status.success(), "lab {words:?}: {stdout}{stderr}");
        stdout
    }

    #[track_caller]
    fn its_containers_reach_each_other(&self) {
        self.succeeds(&["exec", "docker1", "--", "ping", "-c1", "-W5", "192.168.245.181"]);
    }

    /// Waits for its containers behind a scenario.
    #[track_caller]
    fn containers_come_back(&self) {
        let start = Instant::now();
        while !self.succeeds(&["status"]).contains("docker2 macvlan1") {
            assert!(start.elapsed() < BACK_DEADLINE, "the containers do not come back");
        }
        self.its_containers_reach_each_other();
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
    let before = Untouched::now();
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

    standing.containers_come_back();
    standing.succeeds(&["down"]);
    assert_eq!(Untouched::now(), before);
}

/// Who waits while the lab is cleaned behind another has it as new, too, and the person's containers come behind both.
#[tokio::test]
async fn scenarios_one_behind_another_find_a_lab_that_stands_as_new() {
    let standing = StandingLab::up("one-behind-another");
    let mut lab = standing.lease("the_first").await;
    for scenario in ["the_second", "the_third"] {
        lab.set_up().await.expect("the containers' names are free");
        let next = standing.lease(scenario);
        drop(lab);
        lab = next.await;
    }
    lab.set_up().await.expect("the containers' names are free");
    drop(lab);
    standing.containers_come_back();
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
