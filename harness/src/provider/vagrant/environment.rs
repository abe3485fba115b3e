//! The project's Vagrant environment: its Vagrantfile, and what that is told.

use std::{
    env, fs, io,
    process::{Command as BlockingCommand, Stdio},
};

use camino::{Utf8Path, Utf8PathBuf};
use tokio::process::Command;

use super::{VagrantError, hypervisor::hypervisor};
use crate::{provider::accelerator::Accelerator, topology::Topology};

/// The folder of the Vagrantfile.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vagrant");
/// The box that the Vagrantfile takes when it is not told another.
const DEFAULT_BOX: &str = "cloud-image/ubuntu-22.04";
const DRIVER: &str = "LAB_VAGRANT_DRIVER";
const BOX: &str = "LAB_BOX";
/// How much of a program's output an error shows.
const TAIL_LINES: usize = 25;

/// A Vagrant environment of one topology.
pub(super) struct Environment {
    /// What the Vagrantfile makes machines of, as it reads it.
    topology: String,
    vagrant_box: String,
    hypervisor: String,
    accelerator: Accelerator,
}

impl Environment {
    /// What the topology and the environment's variables ask for.
    pub(super) fn new(topology: &Topology) -> Result<Self, VagrantError> {
        let json = serde_json::to_string(topology)
            .map_err(|error| VagrantError::io("write the topology as JSON")(error.into()))?;
        Ok(Self {
            topology: json,
            vagrant_box: wanted_box(),
            hypervisor: hypervisor(),
            accelerator: wanted_accelerator()?,
        })
    }

    /// The machines that were made of this topology on that hypervisor.
    pub(super) fn of_made(self, topology: String, hypervisor: String) -> Self {
        Self { topology, hypervisor, ..self }
    }

    /// libvirt's address of the hypervisor.
    pub(super) fn hypervisor(&self) -> &str {
        &self.hypervisor
    }

    /// The topology as the Vagrantfile reads it.
    pub(super) fn topology(&self) -> &str {
        &self.topology
    }

    /// The box's name, or the path of its file.
    pub(super) fn vagrant_box(&self) -> &str {
        &self.vagrant_box
    }

    /// What runs the machines.
    pub(super) fn accelerator(&self) -> Accelerator {
        self.accelerator
    }

    /// A call of Vagrant's in this environment, which ends when it is dropped.
    pub(super) fn vagrant(&self, arguments: &[&str]) -> Command {
        let driver = match self.accelerator {
            Accelerator::Kvm => "kvm",
            Accelerator::Emulation => "qemu",
        };
        // Nothing else ends it when this process is killed.
        let mut vagrant = Command::new("setpriv");
        vagrant
            .args(["--pdeathsig", "TERM", "--", "vagrant"])
            .args(arguments)
            .current_dir(FOLDER)
            .env("VAGRANT_CWD", FOLDER)
            .env("VAGRANT_DEFAULT_PROVIDER", "libvirt")
            .env("LAB_TOPOLOGY_JSON", &self.topology)
            .env(BOX, &self.vagrant_box)
            .env(DRIVER, driver)
            .env("LIBVIRT_DEFAULT_URI", &self.hypervisor)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        vagrant
    }

    /// The folder that lives as long as Vagrant's own record of the machines, with what is the
    /// harness's of it.
    pub(super) fn state() -> Utf8PathBuf {
        dotfile().join("macvlan-e2e")
    }

    /// libvirt's identifier of a node's machine, from Vagrant's own record.
    pub(super) fn machine_id(node: &str) -> io::Result<String> {
        let file = machines().join(node).join("libvirt/id");
        Ok(fs::read_to_string(file)?.trim().to_owned())
    }

    /// Whether Vagrant has made any machine that it has not destroyed again.
    pub(super) fn has_machines() -> bool {
        let recorded = machines().read_dir_utf8().into_iter().flatten().filter_map(Result::ok);
        recorded.into_iter().any(|machine| machine.path().join("libvirt/id").exists())
    }
}

/// Vagrant's own record: a folder for each machine.
fn machines() -> Utf8PathBuf {
    dotfile().join("machines")
}

fn dotfile() -> Utf8PathBuf {
    let named = env::var("VAGRANT_DOTFILE_PATH").ok().filter(|path| !path.is_empty());
    Utf8Path::new(FOLDER).join(named.as_deref().unwrap_or(".vagrant"))
}

fn wanted_box() -> String {
    let wanted = env::var(BOX).ok().filter(|name| !name.is_empty()).unwrap_or_else(|| DEFAULT_BOX.to_owned());
    // A path counts from here, and Vagrant runs elsewhere.
    let path = Utf8Path::new(&wanted);
    let absolute = if path.is_file() { path.canonicalize_utf8().ok() } else { None };
    absolute.map_or(wanted, Utf8PathBuf::into_string)
}

fn wanted_accelerator() -> Result<Accelerator, VagrantError> {
    match env::var(DRIVER).as_deref() {
        Ok("kvm") => Ok(Accelerator::Kvm),
        Ok("qemu") => Ok(Accelerator::Emulation),
        Ok("") | Err(_) => Ok(Accelerator::of_libvirt()),
        Ok(other) => Err(VagrantError::UnknownDriver(other.to_owned())),
    }
}

/// Whether Vagrant has its plug-in for libvirt.
pub(in crate::provider) fn has_plugin() -> bool {
    let listed = BlockingCommand::new("vagrant").args(["plugin", "list"]).stdin(Stdio::null()).output();
    listed.is_ok_and(|output| lists_plugin(&String::from_utf8_lossy(&output.stdout)))
}

fn lists_plugin(list: &str) -> bool {
    list.lines().any(|line| line.split_whitespace().next() == Some("vagrant-libvirt"))
}

/// Runs a program to its end, and gives what it printed.
pub(super) async fn output_of(command: &mut Command) -> Result<String, VagrantError> {
    let shown = shown(command);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(VagrantError::io(format!("run `{shown}`")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
    Err(VagrantError::Command {
        command: shown,
        status: output.status.to_string(),
        output: tail(&said.join("\n")),
    })
}

/// A command as it would be typed.
pub(super) fn shown(command: &Command) -> String {
    let command = command.as_std();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    // What is behind `setpriv` is what is meant.
    words.iter().position(|word| word == "--").map_or(&words[..], |end| &words[end + 1..]).join(" ")
}

/// The end of a text.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plug_in_is_found_in_vagrants_list() {
        assert!(lists_plugin("vagrant-libvirt (0.11.2, system)\n"));
        assert!(!lists_plugin("No plugins installed.\n"));
        assert!(!lists_plugin("vagrant-libvirt-extras (1.0.0, global)\n"));
    }
}
