//! `lab diagnose` on what already runs: the nodes of a lab of namespaces stand for somebody's machines.

use std::{
    fs,
    process::{Command, Output},
};

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    lab::{Lab, Lease, Settings},
    machine::Script,
    provider::Provider,
};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// What a diagnosis must leave as it is on a node.
const STATE: &str = "ip -o link show | cut -d' ' -f2-; ip -4 -o address; ip neigh show nud permanent; ls /run/netns; \
     find /run/macvlan-e2e -type f -exec cat {} +; grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv4/neigh; \
     ip -n docker1 -o link show 2>/dev/null | cut -d' ' -f2-; nft list ruleset";

/// Two machines with a container each, which run.
struct Running {
    lab: Lease,
    aliases: Utf8PathBuf,
}

impl Running {
    async fn new(name: &str) -> Self {
        let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"));
        let topology = folder.join(format!("diagnose-{name}.toml"));
        fs::write(&topology, include_str!("../fixtures/topologies/lab.toml")).expect("it can be written");
        let runs = folder.with_file_name("e2e");
        let settings = Settings::new(Provider::Netns, &topology, &runs, env!("CARGO_BIN_EXE_lab").into());
        let settings = settings.expect("the topology is valid");
        let lab = Lab::lease(&settings, &format!("diagnose_{name}_beneath"), |_| {}).await;
        let lab = lab.expect("there is a lab of namespaces");
        lab.set_up().await.expect("the containers come up");
        let aliases = folder.join(format!("diagnose-{name}.ssh_config"));
        fs::write(&aliases, lab.ssh_config().expect("the lab has an ssh_config")).expect("it can be written");
        Self { lab, aliases }
    }

    /// What a line prints on a machine.
    async fn ask(&self, machine: &str, line: &str) -> String {
        let machine = self.lab.machine(machine).expect("the machine is there");
        machine.run(&Script::new().step(format!("{line} || :"))).await.expect("the line runs").stdout
    }

    async fn change(&self, command: &str, undo: &str) {
        let host = self.lab.endpoint("host").expect("the lab has a host");
        host.change(command, undo).await.expect("the fault is made");
    }

    fn diagnose(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.arg("diagnose").args(words).args(["--ssh-config", self.aliases.as_str()]);
        command.output().expect("the command runs")
    }

    /// The exit code and the object that is printed.
    fn told(&self, words: &[&str]) -> (Option<i32>, Value) {
        let output = self.diagnose(&[words, &["--format", "json"]].concat());
        let told = serde_json::from_slice(&output.stdout);
        (output.status.code(), told.unwrap_or_else(|_| panic!("{}", errors(&output))))
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn what_is_healthy_passes_and_nothing_is_changed() {
    let running = Running::new("healthy").await;
    let before = [running.ask("node-1", STATE).await, running.ask("node-2", STATE).await];
    let output = running.diagnose(&["node-1:docker1", "node-2:docker2"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}{}", errors(&output));
    assert!(text.contains("pass: docker1 reaches docker2"), "{text}");
    assert!(
        text.lines().take_while(|line| !line.contains("/")).all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(!text.contains("255.255.255.255"), "no other frame is sent: {text}");
    let folder = text.lines().last().expect("it ends with the folder");
    let traced = Command::new(env!("CARGO_BIN_EXE_lab")).args(["trace", folder]).output();
    assert_eq!(traced.expect("the command runs").status.code(), Some(0), "it is judged alike later");
    assert_eq!([running.ask("node-1", STATE).await, running.ask("node-2", STATE).await], before);
}

#[tokio::test]
async fn a_container_is_found_by_its_process_and_by_its_path() {
    let running = Running::new("forms").await;
    let node = running.lab.endpoint("docker2").expect("it is there");
    // It tells its own number once it is in the namespace.
    let mut process = node.start("sh -c 'echo $$; exec sleep 600'").await.expect("a process can be started");
    let mut pid = String::new();
    let stdout = process.take_stdout().expect("it has an output");
    BufReader::new(stdout).read_line(&mut pid).await.expect("it prints its number");
    let process_of = format!("node-2:{}", pid.trim());
    let (code, told) = running.told(&["node-1:/run/netns/docker1", &process_of]);
    assert_eq!((code, &told["verdict"]), (Some(0), &Value::from("pass")), "{told}");
    assert!(told["probe"].as_str().is_some_and(|probe| probe.starts_with("docker1:pid-")), "{told}");
    drop(process);
}

/// A stand-in for `crictl`, in a memory file system that only the lab has mounted.
#[tokio::test]
async fn a_pod_is_found_by_its_sandbox() {
    let running = Running::new("pod").await;
    let node = running.lab.endpoint("docker2").expect("it is there");
    let mut process = node.start("sh -c 'echo $$; exec sleep 600'").await.expect("a process can be started");
    let mut pid = String::new();
    let stdout = process.take_stdout().expect("it has an output");
    BufReader::new(stdout).read_line(&mut pid).await.expect("it prints its number");
    let crictl = format!(
        "#!/bin/sh\nexpected='inspectp --output go-template --template {{{{.info.pid}}}} 0123abcd'\n\
         [ \"$*\" = \"$expected\" ] || {{ echo \"no such pod: $*\" >&2; exit 1; }}\necho {}",
        pid.trim()
    );
    let install = format!(
        "mount -t tmpfs tmpfs /usr/local/sbin && cat >/usr/local/sbin/crictl <<'END'\n{crictl}\nEND\n\
         chmod +x /usr/local/sbin/crictl"
    );
    let machine = running.lab.machine("node-2").expect("the machine is there");
    let install = Script::new().change(install, "umount /usr/local/sbin");
    machine.run(&install).await.expect("it can be installed");
    let (code, told) = running.told(&["node-1:docker1", "node-2:pod:0123abcd"]);
    assert_eq!((code, &told["verdict"]), (Some(0), &Value::from("pass")), "{told}");
    assert_eq!(told["probe"], "docker1:pod-0123abcd", "{told}");
    let unknown = running.diagnose(&["node-1:docker1", "node-2:pod:ffff"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(errors(&unknown).contains("no such pod"), "{}", errors(&unknown));
    drop(process);
}

/// As virtual machines have them; here nobody has opened its other side.
#[tokio::test]
async fn a_macvtap_interface_is_a_child_too() {
    let running = Running::new("macvtap").await;
    let make = "ip netns add guest && ip link add tap1 link ens33 type macvtap mode bridge && \
                ip link set tap1 netns guest && ip -n guest address add 192.168.245.190/24 dev tap1 && \
                ip -n guest link set tap1 up";
    let machine = running.lab.machine("node-2").expect("the machine is there");
    let make = Script::new().change(make, "ip netns del guest");
    machine.run(&make).await.expect("the kernel has macvtap");
    let (code, told) = running.told(&["node-1:docker1", "node-2:guest"]);
    assert_eq!((code, &told["verdict"]), (Some(0), &Value::from("pass")), "{told}");
}

/// A container's root may call its interface what it likes, and a node's shell is to read the name.
#[tokio::test]
async fn an_interface_with_a_name_for_shells_is_refused() {
    let running = Running::new("name").await;
    let rename = |from: &str, to: &str| {
        format!("ip -n docker1 link set '{from}' down && ip -n docker1 link set '{from}' name '{to}' up")
    };
    let strange = "$(reboot)";
    running.ask("node-1", &rename("macvlan1", strange)).await;
    let output = running.diagnose(&["node-1:docker1", "node-2:docker2"]);
    running.ask("node-1", &rename(strange, "macvlan1")).await;
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(errors(&output).contains(&format!("is called {strange:?}")), "{}", errors(&output));
}

#[tokio::test]
async fn siblings_and_a_node_itself_can_be_ends() {
    let running = Running::new("ends").await;
    let (code, told) = running.told(&["node-1:docker1", "node-1:docker3"]);
    assert_eq!((code, &told["probe"]), (Some(0), &Value::from("docker1:docker3")), "{told}");
    let (code, told) = running.told(&["node-1", "node-2:docker2"]);
    assert_eq!((code, &told["probe"]), (Some(0), &Value::from("node-1:docker2")), "{told}");
    let (code, told) = running.told(&["node-1", "node-1:docker1"]);
    assert_eq!((code, &told["cause"]), (Some(1), &Value::from("isolation")), "{told}");
}

#[tokio::test]
async fn a_port_that_takes_no_foreign_source_is_located() {
    let running = Running::new("locked").await;
    // As vSphere does, it knows its own machine's address.
    let own = running.lab.facts().macs["node-1"];
    let lock = format!(
        "bridge fdb add {own} dev port-node-1 master static && bridge link set dev port-node-1 locked on"
    );
    let unlock =
        format!("bridge link set dev port-node-1 locked off; bridge fdb del {own} dev port-node-1 master");
    running.change(&lock, &unlock).await;
    let (code, told) = running.told(&["node-1:docker1", "node-2:docker2"]);
    assert_eq!((code, &told["verdict"]), (Some(1), &Value::from("fail")), "{told}");
    let place = (&told["last_seen"], &told["missing_at"]);
    assert_eq!(place, (&Value::from("node-1/ens33"), &Value::from("node-2/ens33")), "{told}");
    // The switch can't be seen: the controls tell.
    assert_eq!(told["cause"], "forged-transmits-rejected", "{told}");
    let folder = told["folder"].as_str().expect("there is a folder");
    let traced = Command::new(env!("CARGO_BIN_EXE_lab")).args(["trace", folder]).output();
    assert_eq!(traced.expect("the command runs").status.code(), Some(1), "it is judged alike later");
}

#[tokio::test]
async fn the_loss_is_told_for_each_segment() {
    let running = Running::new("loss").await;
    // Every second echo reply that enters by node-2's port is dropped.
    let drop = "nft add table bridge loss && nft 'add chain bridge loss forward { type filter hook forward priority 0; }' && \
                nft 'add rule bridge loss forward iifname \"port-node-2\" icmp type echo-reply numgen inc mod 2 == 1 drop'";
    running.change(drop, "nft delete table bridge loss").await;
    let (code, told) = running.told(&["node-1:docker1", "node-2:docker2", "--probes", "5"]);
    assert_eq!(code, Some(1), "{told}");
    let seen = |part: &str| -> Vec<u64> {
        let points = told["loss"][0][part].as_array().expect("there are points");
        points.iter().filter_map(|point| point["seen"].as_u64()).collect()
    };
    assert_eq!(seen("requests"), [5, 5, 5, 5], "{told}");
    assert_eq!(seen("replies"), [5, 5, 3, 3], "{told}");
    assert_eq!(told["last_seen"], "node-2/ens33", "{told}");
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let running = Running::new("absent").await;
    running.ask("node-2", "ip netns add bare").await;
    let refused = |words: &[&str]| {
        let output = running.diagnose(words);
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        errors(&output)
    };
    let unknown = refused(&["node-1:docker7", "node-2:docker2"]);
    let bare = refused(&["node-1:docker1", "node-2:bare"]);
    let nodes = refused(&["node-1", "node-2"]);
    running.ask("node-2", "ip netns del bare").await;
    assert!(unknown.contains("node-1 has not the network namespace \"docker7\""), "{unknown}");
    assert!(unknown.contains("docker1"), "it says what there is: {unknown}");
    assert!(bare.contains("has no macvlan interface; it has lo"), "{bare}");
    assert!(nodes.contains("neither end is a container"), "{nodes}");
}
