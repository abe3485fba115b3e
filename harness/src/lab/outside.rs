//! The way into a lab's namespaces for a person outside them.

use std::{fmt::Write as _, fs, io, process::Command};

use super::{Grant, Lab};
use crate::{
    provider::{HostWay, is_root},
    topology::Topology,
};

/// An `ssh_config` for the nodes of a lab in namespaces. Each connection goes through the keeper's.
pub(super) fn ssh_config(keeper: u32, topology: &Topology) -> io::Result<String> {
    let folder = format!("/proc/{keeper}/cwd");
    let enter = enter(keeper, &["net", "mount", "pid"]).join(" ");
    let mut text = String::new();
    for node in topology.nodes.iter().map(|node| &node.name) {
        let entrance = fs::read_to_string(format!("{folder}/{node}.entrance"))?;
        let _ = writeln!(text, "Host {node}\n  HostKeyAlias {node}\n  ProxyCommand {enter} -- {entrance}");
    }
    let _ = write!(
        text,
        "Host *\n  User root\n  IdentityFile {folder}/keys/client\n  IdentitiesOnly yes\n  IdentityAgent none\n  \
         UserKnownHostsFile {folder}/keys/known_hosts\n  GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  \
         LogLevel ERROR\n"
    );
    Ok(text)
}

/// A command on a host that is this machine, or namespaces on it, in the folder that this process is in. It
/// ends with the lab.
pub(super) fn on_host(grant: &Grant, words: &[String]) -> Command {
    let shell = [String::from("sh")];
    let words = if words.is_empty() { &shell } else { words };
    let mut all = Vec::new();
    if grant.host == HostWay::Namespaces {
        all = enter(grant.keeper, &["net", "mount", "uts", "ipc", "pid"]);
        let folder = std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
        let here = [
            "--",
            "sh",
            "-c",
            "cd \"$0\" 2>/dev/null || cd /; PATH=\"$PATH:/usr/sbin:/sbin\" exec \"$@\"",
            &folder,
        ]
        .map(str::to_owned);
        all.extend(here);
    }
    all.extend(words.iter().cloned());
    let mut command = Command::new(&all[0]);
    command.args(&all[1..]);
    command
}

impl Lab {
    /// A shell command for each of the lab's places that opens a shell there, from outside the lab, by the place's name. The
    /// `ssh_config` that it takes is written into the scenario's folder.
    ///
    /// # Errors
    /// Where that can't be written.
    pub fn entrances(&self) -> io::Result<Vec<(String, String)>> {
        let keeper = self.keeper();
        let is_hermetic = self.facts().provider.is_hermetic();
        let config = if is_hermetic {
            let config = self.folder().join("ssh_config");
            fs::write(&config, ssh_config(keeper, self.topology())?)?;
            config
        } else {
            format!("/proc/{keeper}/cwd/ssh_config").into()
        };
        let ssh = |alias: &str| format!("ssh -t -F {config} {alias}");
        let nodes = self.topology().nodes.iter().map(|node| {
            let alias = if is_hermetic { &node.name } else { &node.ssh };
            (node.name.clone(), ssh(alias))
        });
        let nodes: Vec<(String, String)> = nodes.collect();
        let containers = self.topology().containers.iter().filter_map(|container| {
            let (_, way) = nodes.iter().find(|(name, _)| *name == container.node)?;
            let sudo = if is_hermetic { "" } else { "sudo " };
            Some((container.name.clone(), format!("{way} {sudo}ip netns exec {} sh", container.name)))
        });
        let host = self.topology().host.as_ref().map(|host| match &host.ssh {
            _ if is_hermetic => enter(keeper, &["net", "mount", "uts", "ipc", "pid"]).join(" "),
            Some(alias) => ssh(alias),
            None => "this machine".to_owned(),
        });
        let host = host.map(|way| ("host".to_owned(), way));
        Ok(host.into_iter().chain(nodes.clone()).chain(containers).collect())
    }
}

fn enter(keeper: u32, kinds: &[&str]) -> Vec<String> {
    let mut words = vec!["nsenter".to_owned(), format!("--target={keeper}")];
    // A lab without root lives in a user namespace, in which its starter is root.
    if !is_root() {
        words.extend(["--user".to_owned(), "--preserve-credentials".to_owned()]);
    }
    words.extend(kinds.iter().map(|kind| format!("--{kind}")));
    words
}
