//! A lab of network namespaces on the running kernel: the inner loop.
//!
//! A node is a network, mount and UTS namespace held by one process. No daemon runs in it: ssh's
//! `ProxyCommand` enters the namespaces and starts `sshd -i` for the one connection.

use std::{fs, time::Duration};

use camino::Utf8Path;
use tokio::process::{Child, Command};

use super::{
    HostWay, Provided, ProviderError, Saved, host,
    keys::{Keys, Way},
    pinned_settings,
};
use crate::{
    first_word::start_and_hear,
    lab::Event,
    machine::{Machine, Patience, Script},
    topology::{Node, Topology},
};

/// The accounts of a node: root, whatever shell and password the machine's own root has, and those
/// that sshd and Debian's tcpdump drop their privileges to. tcpdump's is root once more: it writes where a person who works
/// in the lab does.
const PASSWD: &str = "root:x:0:0:root:/:/bin/sh\nsshd:x:74:74:sshd:/run/sshd:/usr/sbin/nologin\n\
                      tcpdump:x:0:0:tcpdump:/:/usr/sbin/nologin\n";
/// Namespaces are made in milliseconds. This is for a kernel that hangs.
const HOLDER_DEADLINE: Duration = Duration::from_secs(20);
/// What each node has for itself of the lab's `/run`: its namespaces' names and its undo record.
const OWN_FOLDERS: &str = "/run/netns /run/macvlan-e2e";
const SHADOW: &str = "root:*:::::::\nsshd:*:::::::\ntcpdump:*:::::::\n";

pub(super) async fn bring_up(
    topology: &Topology,
    directory: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Provided, ProviderError> {
    tell(Event::new("making the host and two nodes from namespaces"));
    let names: Vec<&str> = topology.nodes.iter().map(|node| node.name.as_str()).collect();
    let keys = Keys::generate(&directory.join("keys"), &names).await?;
    use_own_accounts(directory).await?;
    host::make_bridge(topology).await?;
    let mut nodes = Vec::new();
    let mut ways = Vec::new();
    for node in &topology.nodes {
        let (holder, pid) = hold_namespaces(node).await?;
        connect(node, pid, topology).await?;
        ways.push(way(node, pid, directory, &keys)?);
        nodes.push(holder);
    }
    let ssh_config = directory.join("ssh_config");
    keys.write_ssh_config(&ssh_config, &ways)?;
    keys.write_entrances(directory, &ways)?;
    Ok(Provided {
        ssh_config,
        machines: "network namespaces".to_owned(),
        came_up: None,
        saved: Saved::default(),
        nodes,
        host: HostWay::Namespaces,
        host_alias: None,
        lock: None,
    })
}

/// Puts accounts of the lab's own over the machine's, in this mount namespace only.
async fn use_own_accounts(directory: &Utf8Path) -> Result<(), ProviderError> {
    let mut script = Script::new().step(format!("mkdir -p /run/sshd {OWN_FOLDERS}"));
    for (file, text) in [("passwd", PASSWD), ("shadow", SHADOW)] {
        let path = directory.join(file);
        fs::write(&path, text).map_err(ProviderError::io(format!("write {path}")))?;
        script = script.step(format!("mount --bind {path} /etc/{file}"));
    }
    host::machine()?.run(&script).await?;
    Ok(())
}

/// Starts the process that is the node, and waits until its namespaces are there.
async fn hold_namespaces(node: &Node) -> Result<(Child, u32), ProviderError> {
    let inside = format!(
        "set -e; hostname {name} 2>/dev/null || echo {name} >/proc/sys/kernel/hostname; \
         for folder in {OWN_FOLDERS}; do mount -t tmpfs own $folder; done; mount -t sysfs sysfs /sys; \
         ip link set lo up; echo ready; exec cat",
        name = node.name
    );
    let mut unshare = Command::new("unshare");
    unshare.args(["--net", "--mount", "--uts", "sh", "-c", &inside]);
    let ended = |output: String| ProviderError::Ended {
        program: format!("the process that holds {}'s namespaces", node.name),
        output,
    };
    let holder = start_and_hear(&mut unshare, "ready", HOLDER_DEADLINE).await;
    let holder = holder.map_err(|error| ended(error.to_string()))?;
    let pid = holder.id().ok_or_else(|| ended(String::new()))?;
    Ok((holder, pid))
}

/// Joins the node to the bridge by a pair of virtual Ethernet interfaces.
async fn connect(node: &Node, pid: u32, topology: &Topology) -> Result<(), ProviderError> {
    let (port, uplink, bridge) = (&node.port, &node.uplink, &host::described(topology)?.bridge);
    let outside = Script::new()
        .step(format!("ip link add {port} type veth peer name {uplink} netns {pid}"))
        .then(pinned_settings(port, false))
        .step(format!("ip link set {port} master {bridge} up"));
    host::machine()?.run(&outside).await?;
    let inside = Script::new()
        .then(pinned_settings(uplink, false))
        .step(format!("ip addr add {} brd + dev {uplink}", node.address))
        .step(format!("ip link set {uplink} up"));
    let machine = Machine::in_namespaces(&node.name, pid, Patience::UNMEASURED)
        .map_err(ProviderError::io(format!("open {}'s namespaces", node.name)))?;
    machine.run(&inside).await?;
    Ok(())
}

fn way(node: &Node, pid: u32, directory: &Utf8Path, keys: &Keys) -> Result<Way, ProviderError> {
    let config = directory.join(format!("{}.sshd_config", node.name));
    let text = format!(
        "HostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
         PermitRootLogin prohibit-password\nUseDNS no\nPrintMotd no\nPrintLastLog no\nMaxSessions 100\n",
        keys.host_key(&node.name),
        keys.authorized_keys()
    );
    fs::write(&config, text).map_err(ProviderError::io(format!("write {config}")))?;
    let entrance = format!("nsenter --target {pid} --net --mount --uts /usr/sbin/sshd -i -f {config}");
    Ok(Way { node: node.name.clone(), options: vec![format!("ProxyCommand {entrance}")], entrance })
}
