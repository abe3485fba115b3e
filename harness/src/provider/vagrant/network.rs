//! libvirt's networks, as `virsh net-dumpxml` prints them
//! (<https://libvirt.org/formatnetwork.html>).

use ipnet::Ipv4Net;
use tokio::process::Command;

use super::{VagrantError, environment::output_of, hypervisor::hypervisor};

/// The lab's own network, by the name that the Vagrantfile gives it.
pub(super) const LAN: &str = "macvlan-e2e";

/// A virtual network.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Network {
    /// Its name.
    pub name: String,
    /// Its bridge on the host, where it has one.
    pub bridge: Option<String>,
    /// The bridge's IPv4 addresses.
    pub addresses: Vec<Ipv4Net>,
}

impl Network {
    /// All networks that libvirt knows, running or not.
    pub(super) async fn all() -> Result<Vec<Self>, VagrantError> {
        let names = output_of(&mut virsh(&["net-list", "--all", "--name"])).await?;
        let mut networks = Vec::new();
        for name in names.lines().filter(|line| !line.trim().is_empty()) {
            let mut dump = virsh(&["net-dumpxml", name.trim()]);
            let xml = output_of(&mut dump).await?;
            networks.push(Self::parse(&xml).map_err(|reason| VagrantError::Output {
                command: super::environment::shown(&dump),
                reason: reason.to_string(),
            })?);
        }
        Ok(networks)
    }

    fn parse(xml: &str) -> Result<Self, roxmltree::Error> {
        let document = roxmltree::Document::parse(xml)?;
        let children = || document.root_element().children();
        let child = |name: &str| children().find(|node| node.has_tag_name(name));
        let addresses = children().filter(|node| node.has_tag_name("ip"));
        Ok(Self {
            name: child("name").and_then(|node| node.text()).unwrap_or_default().to_owned(),
            bridge: child("bridge").and_then(|node| node.attribute("name")).map(str::to_owned),
            addresses: addresses.filter_map(address).collect(),
        })
    }
}

/// An `<ip>` of version 4, with its `prefix` or its `netmask`.
fn address(ip: roxmltree::Node<'_, '_>) -> Option<Ipv4Net> {
    let address = ip.attribute("address")?.parse().ok()?;
    match ip.attribute("prefix") {
        Some(prefix) => Ipv4Net::new(address, prefix.parse().ok()?).ok(),
        None => Ipv4Net::with_netmask(address, ip.attribute("netmask")?.parse().ok()?).ok(),
    }
}

fn virsh(arguments: &[&str]) -> Command {
    let mut virsh = Command::new("virsh");
    virsh.args(["--connect", &hypervisor()]).args(arguments).env("LC_ALL", "C");
    virsh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_labs_own_network_is_read() {
        let xml = "<network connections='2'>\n  <name>macvlan-e2e</name>\n  \
                   <uuid>c66ea6ca-2780-4f14-bb12-02ec1c596c72</uuid>\n  <bridge name='bridge102' stp='off' delay='0'/>\n  \
                   <mac address='52:54:00:c8:6f:78'/>\n  <dns enable='no'/>\n  \
                   <ip address='192.168.245.1' prefix='24'>\n  </ip>\n</network>\n";
        let expected = Network {
            name: LAN.to_owned(),
            bridge: Some("bridge102".to_owned()),
            addresses: vec!["192.168.245.1/24".parse().unwrap()],
        };
        assert_eq!(Network::parse(xml).unwrap(), expected);
    }

    #[test]
    fn vagrants_own_network_is_read() {
        let xml = "<network connections='2' ipv6='yes'>\n  <name>vagrant-libvirt</name>\n  \
                   <uuid>0b76ca95-eff6-4d6b-b47f-09d1f11362f1</uuid>\n  <forward mode='nat'>\n    <nat>\n      \
                   <port start='1024' end='65535'/>\n    </nat>\n  </forward>\n  \
                   <bridge name='virbr0' stp='on' delay='0'/>\n  <mac address='52:54:00:1c:e8:0b'/>\n  \
                   <ip address='192.168.121.1' netmask='255.255.255.0'>\n    <dhcp>\n      \
                   <range start='192.168.121.1' end='192.168.121.254'/>\n    </dhcp>\n  </ip>\n  \
                   <ip family='ipv6' address='fd00::1' prefix='64'/>\n</network>\n";
        let network = Network::parse(xml).unwrap();
        assert_eq!(network.bridge.as_deref(), Some("virbr0"));
        assert_eq!(network.addresses, ["192.168.121.1/24".parse::<Ipv4Net>().unwrap()]);
    }

    #[test]
    fn a_network_without_a_bridge_has_none() {
        let xml =
            "<network><name>direct</name><forward mode='bridge'><interface dev='eth0'/></forward></network>";
        let network = Network::parse(xml).unwrap();
        assert_eq!((network.bridge, network.addresses), (None, vec![]));
    }
}
