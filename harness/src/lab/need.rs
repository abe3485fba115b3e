//! What a scenario's lab must be able to do.

use super::{Lab, LabError};
use crate::machine::{CommandError, Failure, Script};

/// What not every lab can do. It is measured on the lab's machines, whatever made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The nodes' kernels make VLAN interfaces.
    Vlan,
    /// The nodes' kernels and their `ip` know mode source's `nodst` (Linux 5.13).
    SourceNodst,
    /// The nodes have the CNI plugins that a macvlan network takes, where Debian's package puts them.
    CniPlugins,
    /// The nodes have podman 4 or later: older ones can't name a container's interface.
    Podman,
    /// The nodes have busybox, linked statically: a container's root file system, and a DHCP client.
    Busybox,
    /// The nodes have socat.
    Socat,
    /// The host has dnsmasq, a DHCP server.
    Dnsmasq,
    /// The nodes have udev, which answers.
    Udev,
    /// A node is a machine of its own, which can be started anew.
    Reboot,
    /// A node's uplink is a device, and nothing that the kernel made (a veth).
    Card,
}

/// The interface that is tried, and the last VLAN identifier that there is.
const TRIED_INTERFACE: &str = "lab-tries";
const TRIED_VLAN: u16 = 4094;

impl Lab {
    /// Makes sure that the nodes have what the scenario needs. Nothing of it stays behind.
    ///
    /// # Errors
    /// [`LabError::Lacks`] where one has not: the scenario has failed, since it was asked for.
    pub async fn needs(&self, need: Need) -> Result<(), LabError> {
        for node in &self.topology().nodes {
            self.has(&node.name, &node.uplink, need).await?;
        }
        Ok(())
    }

    /// Makes sure that the host has what the scenario needs of it.
    ///
    /// # Errors
    /// As [`Self::needs`], and where there is no host at hand.
    pub async fn host_needs(&self, need: Need) -> Result<(), LabError> {
        self.has("host", self.interface("host")?, need).await
    }

    async fn has(&self, machine: &str, interface: &str, need: Need) -> Result<(), LabError> {
        match self.machine(machine)?.run(&need.trial(interface)).await {
            Ok(_) => Ok(()),
            Err(CommandError { machine, failure: Failure::Exit { stderr, .. }, .. }) => {
                let (need, help) = (need.in_words(), need.help());
                Err(LabError::Lacks { need, machine, seen: stderr, help })
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Need {
    /// What fails on a machine that lacks it, and says what is missing; `interface` is the one that it has on the LAN.
    fn trial(self, interface: &str) -> Script {
        let trial = Script::new();
        match self {
            Self::Vlan => made_and_removed(interface, &format!("vlan id {TRIED_VLAN}")),
            Self::SourceNodst => made_and_removed(interface, "macvlan mode source nodst"),
            Self::CniPlugins => trial.step(
                "for plugin in macvlan host-local static dhcp; do [ -x /usr/lib/cni/$plugin ] || \
                 { echo \"there is no /usr/lib/cni/$plugin\" >&2; exit 1; }; done",
            ),
            Self::Podman => trial.step("version=$(podman --version)").step(
                "number=${version##* }; [ \"${number%%.*}\" -ge 4 ] || { echo \"it has $version\" >&2; exit 1; }",
            ),
            Self::Busybox => trial.step("busybox true"),
            Self::Socat => trial.step("socat -V >/dev/null"),
            Self::Dnsmasq => trial.step("dnsmasq --version >/dev/null"),
            Self::Udev => trial.step("udevadm control --ping"),
            Self::Reboot => trial.step(format!(
                "read -r boot </proc/sys/kernel/random/boot_id; [ \"$boot\" != '{}' ] || \
                 {{ echo 'it is a namespace of the machine that runs the scenarios' >&2; exit 1; }}",
                own_boot()
            )),
            Self::Card => trial.step(format!(
                "[ -e /sys/class/net/{interface}/device ] || {{ echo '{interface} is no device' >&2; exit 1; }}"
            )),
        }
    }

    /// What it is, in words that follow "needs".
    fn in_words(self) -> &'static str {
        match self {
            Self::Vlan => "VLAN interfaces (8021q)",
            Self::SourceNodst => "nodst in macvlan's mode source",
            Self::CniPlugins => "the CNI plugins",
            Self::Podman => "podman 4 or later",
            Self::Busybox => "busybox",
            Self::Socat => "socat",
            Self::Dnsmasq => "dnsmasq",
            Self::Udev => "udev",
            Self::Reboot => "nodes that can be rebooted",
            Self::Card => "uplinks that are network cards",
        }
    }

    /// The way to a lab that has it.
    fn help(self) -> &'static str {
        match self {
            Self::Vlan => {
                "LAB=qemu has it; elsewhere the nodes' kernel needs its module 8021q (`modprobe 8021q`)"
            }
            Self::SourceNodst => {
                "it takes Linux 5.13 and iproute2 5.13 on the nodes: LAB_IMAGE=bookworm has them"
            }
            Self::CniPlugins => {
                "LAB=qemu has them; elsewhere `apt-get install containernetworking-plugins` on the nodes"
            }
            Self::Podman => {
                "LAB=qemu has it; elsewhere `apt-get install --no-install-recommends podman crun netavark` on the nodes"
            }
            Self::Busybox => "LAB=qemu has it; elsewhere `apt-get install busybox-static` on the nodes",
            Self::Socat => "`apt-get install socat` on that machine; nodes of LAB=qemu have it",
            Self::Dnsmasq => {
                "`apt-get install dnsmasq-base` on the machine that owns the bridge, which runs the scenarios as a rule"
            }
            Self::Udev => {
                "LAB=qemu has it; elsewhere `apt-get install udev` on nodes that are machines of their own"
            }
            Self::Reboot | Self::Card => "LAB=qemu has them: virtual machines",
        }
    }
}

/// An interface of a kind on the uplink, for as long as it takes to see that it can be made.
fn made_and_removed(uplink: &str, kind: &str) -> Script {
    Script::new()
        .create(
            &format!("[ -e /sys/class/net/{TRIED_INTERFACE} ]"),
            format!("ip link add link {uplink} name {TRIED_INTERFACE} type {kind}"),
            format!("ip link del {TRIED_INTERFACE}"),
        )
        .step(format!("ip link del {TRIED_INTERFACE}"))
}

/// Which boot of this machine this is (random(4)): namespaces on it have the same.
fn own_boot() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    boot.trim().to_owned()
}
