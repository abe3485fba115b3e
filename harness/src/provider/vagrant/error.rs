//! Why Vagrant made no machines.

use std::{io, time::Duration};

use camino::Utf8PathBuf;
use ipnet::Ipv4Net;

/// Machines that Vagrant and libvirt could not make.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum VagrantError {
    /// A program could not be started, or a file not be read or written.
    #[error("failed to {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The machines are a running lab's, or are being destroyed.
    #[error("Vagrant's machines are in use by another run")]
    #[diagnostic(help("wait for it, or end it; `lab status --lab vagrant` tells of a lab that stands"))]
    InUse,
    /// A program said no.
    #[error("`{command}` failed ({status}): {output}")]
    Command {
        /// What was run.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it said.
        output: String,
    },
    /// A program printed something else than it is known to.
    #[error("the output of `{command}` can't be read: {reason}")]
    Output {
        /// What was run.
        command: String,
        /// What was wrong.
        reason: String,
    },
    /// The LAN's subnet or bridge is that of another libvirt network.
    #[error("libvirt's network {network} ({bridge}, {address}) takes what the lab needs: {needed}")]
    #[diagnostic(help(
        "take it away (`virsh net-destroy {network}`, `virsh net-undefine {network}`) if nobody uses it, or give the lab \
         another bridge and subnet (LAB_TOPOLOGY)"
    ))]
    NetworkTaken {
        /// The other network's name.
        network: String,
        /// Its bridge.
        bridge: String,
        /// Its address.
        address: String,
        /// What the lab needs of it.
        needed: String,
    },
    /// The LAN's subnet or bridge is the machine's own already.
    #[error("this machine's interface {interface} takes what the lab needs: {needed}")]
    #[diagnostic(help(
        "give the lab another bridge and subnet (LAB_TOPOLOGY), or take the interface away if nobody uses it"
    ))]
    InterfaceTaken {
        /// The interface.
        interface: String,
        /// What the lab needs of it.
        needed: String,
    },
    /// The machine sends packets for the LAN elsewhere.
    #[error("this machine has a route to {route} by {interface}, which takes packets for the lab's {subnet}")]
    #[diagnostic(help(
        "give the lab another subnet (LAB_TOPOLOGY), or take the route away (a VPN's, perhaps)"
    ))]
    RouteTaken {
        /// The route's destination.
        route: Ipv4Net,
        /// Its interface.
        interface: String,
        /// The lab's subnet.
        subnet: Ipv4Net,
    },
    /// The machines that are up are of another topology, box or hypervisor.
    #[error("the machines that are up were made from another {what}")]
    #[diagnostic(help("`lab down --lab vagrant` takes them away, and the next run makes new ones"))]
    Another {
        /// `topology`, `box` or `hypervisor`.
        what: &'static str,
    },
    /// There is no such box here, and no way to Vagrant's catalogue.
    #[error("vagrant has no box {name:?} and could not get it (the whole output: {log}):\n{output}")]
    #[diagnostic(help(
        "`LAB_BOX=$(lab image build --box)` makes and uses one of Debian's packages; LAB_BOX takes another box's name or \
         the path of a .box file, LAB_BOX_URL the place that it is to be had from"
    ))]
    NoBox {
        /// The box.
        name: String,
        /// What Vagrant says.
        output: String,
        /// Vagrant's output.
        log: Utf8PathBuf,
    },
    /// `vagrant up` failed for another reason.
    #[error("`vagrant up` failed ({status}; the whole output: {log}):\n{output}")]
    Up {
        /// How it ended.
        status: String,
        /// What Vagrant says.
        output: String,
        /// Vagrant's output.
        log: Utf8PathBuf,
    },
    /// A machine started and asked for no address.
    #[error("{node} got no address within {} s of its start (vagrant's output: {log})", waited.as_secs())]
    #[diagnostic(help(
        "its console tells how far it came: {console}. A guest that hangs early on an accelerated machine runs with \
         LAB_VAGRANT_DRIVER=qemu. `lab down --lab vagrant` takes the machines away"
    ))]
    NoAddress {
        /// The machine.
        node: String,
        /// The time that it was given.
        waited: Duration,
        /// Where its console is.
        console: String,
        /// Vagrant's output.
        log: Utf8PathBuf,
    },
    /// A machine's host key was not written down.
    #[error("ssh reached {node} and did not write its host key to {file}")]
    #[diagnostic(help("the file's folder has to be writable, with room on its disk"))]
    NoHostKey {
        /// The machine.
        node: String,
        /// The file.
        file: Utf8PathBuf,
    },
    /// The firewall takes the LAN's frames for packets that it forwards, and drops them.
    #[error(
        "this machine drops what the bridge {bridge} forwards: net.bridge.bridge-nf-call-iptables is 1, the FORWARD chain \
         ends with DROP, and no rule accepts frames of {bridge}"
    )]
    #[diagnostic(help(
        "Docker sets that policy. `iptables --insert FORWARD --in-interface {bridge} --out-interface {bridge} --jump \
         ACCEPT` lets the lab's frames pass, `sysctl net.bridge.bridge-nf-call-iptables=0` those of all bridges"
    ))]
    Firewall {
        /// The LAN's bridge.
        bridge: String,
    },
    /// `LAB_VAGRANT_DRIVER` is none.
    #[error("LAB_VAGRANT_DRIVER={0:?} is neither kvm nor qemu (emulation)")]
    UnknownDriver(String),
}

impl VagrantError {
    pub(super) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action: action.into(), source }
    }
}
