//! One attachment of a container to a macvlan network, by the plugin itself.

use std::slice;

use harness::{
    MacAddress,
    container::{Containers, Ipv6},
    lab::{Endpoint, Lab, Need},
    machine::{Running, Script},
    picture::Order,
    topology::Container,
};
use miette::IntoDiagnostic as _;
use serde_json::{Value, json};

use super::{LeasedLab, assert_pictures, lab, until};

/// Where Debian's and Ubuntu's package `containernetworking-plugins` has them.
const PLUGINS: &str = "/usr/lib/cni";
/// The first version of CNI with CHECK: plugins of any release take it.
const VERSION: &str = "0.4.0";
/// The network's name, which host-local calls a folder after.
const NETWORK: &str = "lan";
/// Where the daemon of the plugin `dhcp` listens, instead of `/run/cni`.
const DAEMONS_FOLDER: &str = "/run/lab-cni-dhcp";

/// A lab whose nodes have the plugins, and the tutorial's two containers as namespaces without an interface.
pub async fn lab_with_namespaces(scenario: &str) -> miette::Result<(LeasedLab, [Container; 2])> {
    let lab = lab(scenario).await?;
    let containers = namespaces(&lab).await?;
    Ok((lab, containers))
}

/// Those namespaces, in a lab that has the plugins.
pub async fn namespaces(lab: &Lab) -> miette::Result<[Container; 2]> {
    lab.needs(Need::CniPlugins).await?;
    let containers = lab.topology().containers.clone();
    lab.make_namespaces(&containers).await?;
    Ok(containers.try_into().expect("the tutorial has two containers"))
}

/// Where host-local counts on a container's node, instead of `/var/lib/cni`. Nodes that are namespaces of one machine share its `/run`.
fn host_locals_folder(container: &Container) -> String {
    format!("/run/lab-cni-{}", container.node)
}

/// Starts what asks for the leases of a node's containers, and renews them.
pub async fn start_dhcp_daemon(node: &Endpoint<'_>) -> miette::Result<Running> {
    node.change(&format!("mkdir {DAEMONS_FOLDER}"), &format!("rm -rf {DAEMONS_FOLDER}")).await?;
    let daemon = node.start(&format!("{PLUGINS}/dhcp daemon -socketpath {DAEMONS_FOLDER}/socket")).await?;
    until(node, "ss -Hlx", "the plugin dhcp", |sockets| sockets.contains(DAEMONS_FOLDER)).await?;
    Ok(daemon)
}

/// Attaches a container while everything is captured, and asserts that it has its address, and the pictures of a name that the plugins'
/// version changes. What the plugin answers, and what is there then.
pub async fn assert_added(
    lab: &LeasedLab,
    name: &str,
    plugin: &Plugin<'_>,
) -> miette::Result<(Value, Containers)> {
    let mut nothing = lab.set_up_these(&[], Ipv6::Off).await?;
    if let Some(mac) = plugin.mac() {
        nothing.owners.owns_mac(&plugin.container.name, mac);
    }
    let captures = lab.capture_everywhere(&nothing).await?;
    let added = plugin.add().await?;
    let made = lab.take_stock(slice::from_ref(plugin.container)).await?;
    let recording = captures.joined_by(&made).finish().await?;

    let name = plugin.by_version(name).await?;
    assert_pictures(lab, &name, &recording.pictures(&made.owners, Order::Whole)?);
    assert_eq!(added["ips"][0]["address"], plugin.container.address.to_string(), "{added}");
    Ok((added, made))
}

/// The plugin with a network's configuration, for one container.
#[derive(Clone, Debug)]
pub struct Plugin<'a> {
    node: Endpoint<'a>,
    container: &'a Container,
    configuration: Value,
}

impl<'a> Plugin<'a> {
    /// With the container's own address, and the host as its gateway.
    pub fn with_static_address(lab: &'a Lab, container: &'a Container) -> miette::Result<Self> {
        let gateway = lab.topology().host.as_ref().map(|host| host.address.addr().to_string());
        let address = json!({ "address": container.address.to_string(), "gateway": gateway });
        let ipam = json!({
            "type": "static",
            "addresses": [address],
            "routes": [{ "dst": "0.0.0.0/0" }],
        });
        Self::new(lab, container, ipam)
    }

    /// With an address of a range that each node counts by itself; it begins with the address of `first`.
    pub fn with_host_local(
        lab: &'a Lab,
        container: &'a Container,
        first: &Container,
    ) -> miette::Result<Self> {
        let (subnet, start) = (first.address.trunc(), first.address.addr());
        let range = json!({ "subnet": subnet.to_string(), "rangeStart": start.to_string() });
        let ipam =
            json!({ "type": "host-local", "ranges": [[range]], "dataDir": host_locals_folder(container) });
        Self::new(lab, container, ipam)
    }

    /// With the address that a DHCP server on the LAN gives; the node's daemon asks for it.
    pub fn with_dhcp(lab: &'a Lab, container: &'a Container) -> miette::Result<Self> {
        let socket = format!("{DAEMONS_FOLDER}/socket");
        Self::new(lab, container, json!({ "type": "dhcp", "daemonSocketPath": socket }))
    }

    fn new(lab: &'a Lab, container: &'a Container, ipam: Value) -> miette::Result<Self> {
        let node = lab.topology().node(&container.node).expect("the topology has it");
        let configuration = json!({
            "cniVersion": VERSION,
            "name": NETWORK,
            "type": "macvlan",
            "master": node.uplink,
            "mode": container.mode.to_string(),
            "ipam": ipam,
        });
        Ok(Self { node: lab.endpoint(&container.node)?, container, configuration })
    }

    /// The same, with a MAC address for the interface.
    pub fn with_mac(mut self, mac: MacAddress) -> Self {
        self.configuration["mac"] = json!(mac.to_string());
        self
    }

    fn mac(&self) -> Option<MacAddress> {
        self.configuration["mac"].as_str()?.parse().ok()
    }

    /// Attaches the container. What the plugin answers: a result, or an error with its `code` and `msg`.
    pub async fn add(&self) -> miette::Result<Value> {
        let (del, counted) = (self.command("DEL", &self.configuration), host_locals_folder(self.container));
        let undo = format!("{del}; rm -rf {counted}");
        self.answer(Script::new().change(self.command("ADD", &self.configuration), undo)).await
    }

    /// The name of pictures and stories that the plugins' own version changes. Those before 1.0 announce a pod themselves, by a library that
    /// names the broadcast address as the target's, and not by the kernel (`arp_notify`); and they give the address after setting the interface up.
    pub async fn by_version(&self, name: &str) -> miette::Result<String> {
        let answer = self.answer(Script::new().step(self.command("VERSION", &self.configuration))).await?;
        let takes = |version: &Value| version == "1.0.0";
        let is_new = answer["supportedVersions"].as_array().is_some_and(|all| all.iter().any(takes));
        Ok(format!("{name}{}", if is_new { "" } else { ".before_1" }))
    }

    /// Asks whether all is as ADD has left it.
    pub async fn check(&self, added: &Value) -> miette::Result<Value> {
        let mut configuration = self.configuration.clone();
        configuration["prevResult"] = added.clone();
        self.answer(Script::new().step(self.command("CHECK", &configuration))).await
    }

    /// Detaches the container.
    pub async fn del(&self) -> miette::Result<Value> {
        self.answer(Script::new().step(self.command("DEL", &self.configuration))).await
    }

    /// What is left of the container's attachment: in its namespace, beside the loopback interface, and of host-local's count.
    pub async fn what_is_left(&self) -> miette::Result<String> {
        let list = format!("ls {}/{NETWORK} 2>/dev/null || :", host_locals_folder(self.container));
        let leased = self.node.run(&list).await?.stdout;
        let address = self.container.address.addr().to_string();
        let has_lease = leased.lines().any(|leased| leased == address);
        Ok(match (self.interface_left().await?, has_lease) {
            (None, false) => "nothing".to_owned(),
            (None, true) => "the lease".to_owned(),
            (Some(interface), false) => interface,
            (Some(interface), true) => format!("{interface}, and the lease"),
        })
    }

    async fn interface_left(&self) -> miette::Result<Option<String>> {
        let name = &self.container.name;
        let read = format!("ip -n {name} -o address; ip -n {name} -o link");
        let lines = self.node.run(&format!("sh -c '{read}'")).await?.stdout;
        let own: Vec<&str> = lines.lines().filter(|line| line.contains(&self.container.interface)).collect();
        let has_address = own.iter().any(|line| line.contains(&self.container.address.to_string()));
        let is_up = own.iter().any(|line| line.contains(",UP"));
        Ok((!own.is_empty()).then(|| {
            format!(
                "{}, {}, {} the address",
                self.container.interface,
                if is_up { "up" } else { "down" },
                if has_address { "with" } else { "without" }
            )
        }))
    }

    /// A line that never fails: the plugin says on standard output what went wrong.
    fn command(&self, verb: &str, configuration: &Value) -> String {
        let Container { name, interface, .. } = self.container;
        format!(
            "printf '%s' '{configuration}' | CNI_COMMAND={verb} CNI_CONTAINERID={name} CNI_NETNS=/run/netns/{name} \
             CNI_IFNAME={interface} CNI_PATH={PLUGINS} {PLUGINS}/macvlan || :"
        )
    }

    async fn answer(&self, script: Script) -> miette::Result<Value> {
        let output = self.node.machine().run(&script).await?;
        match output.stdout.trim() {
            "" => Ok(json!("ok")),
            answer => serde_json::from_str(answer).into_diagnostic(),
        }
    }
}
