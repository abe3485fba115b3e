//! Machines that exist already: the nodes of a lab of namespaces, each with an sshd of its own whose options a test chooses.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    lab::{Lab, LabError, Lease, Settings},
    machine::Script,
    provider::Provider,
};

use super::after::with_two_containers;

const TOPOLOGY: &str = include_str!("../../fixtures/topologies/existing-machines-without-host.toml");
const BENEATH: &str = include_str!("../../fixtures/topologies/existing-machines.toml");

/// Two machines, and how a run reaches them.
pub struct Existing {
    /// Held, so that they exist.
    machines: Lease,
    name: String,
    aliases: Utf8PathBuf,
    settings: Settings,
}

fn scratch(file: &str) -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trouble-{file}"))
}

/// The lab of a topology's text, in a file of its own: so that it is nobody else's.
pub fn settings(provider: Provider, name: &str, topology: &str) -> Settings {
    let path = scratch(&format!("{name}.toml"));
    fs::write(&path, topology).expect("the file can be written");
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    Settings::new(provider, &path, &runs, env!("CARGO_BIN_EXE_lab").into()).expect("the topology is valid")
}

impl Existing {
    pub async fn new(name: &str) -> Self {
        let beneath = settings(Provider::Netns, &format!("{name}-beneath"), BENEATH);
        let machines = Lab::lease(&beneath, &format!("trouble_{name}_beneath"), |_| {}).await;
        let machines = machines.expect("there is a lab of namespaces");
        let aliases = scratch(&format!("{name}.ssh_config"));
        fs::write(&aliases, machines.ssh_config().expect("the lab has an ssh_config"))
            .expect("it can be written");
        let settings = known_by(&settings(Provider::Ssh, name, TOPOLOGY), &aliases);
        Self { machines, name: name.to_owned(), aliases, settings }
    }

    /// The same machines, and node-1's sshd with an option of its own (sshd_config(5)) for whoever connects from now on.
    pub fn with_sshd(&self, option: &str) -> Settings {
        let config = self.aliases();
        let (before, from) = config.split_once("Host node-1\n").expect("node-1 has an alias");
        let (node, rest) = from.split_once("\nHost ").expect("node-2 has one behind it");
        self.as_reached_by(&format!("{before}Host node-1\n{node} -o '{option}'\nHost {rest}"))
    }

    /// The lines by which a run reaches them.
    pub fn aliases(&self) -> String {
        fs::read_to_string(&self.aliases).expect("the aliases are there")
    }

    /// The same machines, as who reaches them by other lines knows them.
    pub fn as_reached_by(&self, ssh_config: &str) -> Settings {
        let aliases = scratch(&format!("{}-otherwise.ssh_config", self.name));
        fs::write(&aliases, ssh_config).expect("it can be written");
        known_by(&settings(Provider::Ssh, &format!("{}-otherwise", self.name), TOPOLOGY), &aliases)
    }

    /// The same machines, as any run knows them.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What a line prints on a machine, whoever else is in trouble there.
    pub async fn ask(&self, machine: &str, line: &str) -> String {
        let machine = self.machines.machine(machine).expect("the machine is there");
        machine.run(&Script::new().step(line)).await.expect("the line runs").stdout
    }

    /// What a scenario may leave nothing of, while nobody has the machine or has it as new.
    pub async fn state(&self, machine: &str) -> String {
        self.ask(machine, "ip -o link | cut -d' ' -f2; ip -4 -o address; ls /run/netns").await
    }
}

fn known_by(settings: &Settings, aliases: &Utf8Path) -> Settings {
    settings.clone().with_ssh_config(Some(aliases)).expect("it can be read")
}

/// The tutorial's two containers on machines that are to be had.
pub async fn lease(settings: &Settings, scenario: &str) -> Result<Lease, LabError> {
    Lab::lease(settings, scenario, |_| {}).await.map(with_two_containers)
}
