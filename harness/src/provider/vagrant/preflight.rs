//! What can be known to stand in the way before Vagrant is called.

use ipnet::Ipv4Net;

use super::{
    VagrantError,
    hypervisor::has_local_hypervisor,
    interfaces::{Interface, Route},
    network::{LAN, Network},
};
use crate::topology::Host;

/// Refuses a machine whose networks leave no place for the lab's. The interfaces of a hypervisor
/// elsewhere are not looked at.
pub(in crate::provider) async fn check_networks(host: &Host) -> Result<(), VagrantError> {
    let lan = Lan { bridge: &host.bridge, address: host.address };
    let networks = Network::all().await?;
    networks.iter().try_for_each(|network| lan.refuse_network(network))?;
    if !has_local_hypervisor() {
        return Ok(());
    }
    let exists = networks.iter().any(|network| network.name == LAN);
    let own = |name: &str| exists && name == lan.bridge;
    let interfaces = Interface::all().await?;
    interfaces.iter().filter(|it| !own(&it.ifname)).try_for_each(|it| lan.refuse_interface(it))?;
    let routes = Route::all().await?;
    routes.iter().filter(|it| !own(&it.dev)).try_for_each(|it| lan.refuse_route(it))
}

/// What the lab's network needs of the host.
struct Lan<'a> {
    bridge: &'a str,
    address: Ipv4Net,
}

impl Lan<'_> {
    /// Another network in the same place, or the lab's own of another topology.
    fn refuse_network(&self, network: &Network) -> Result<(), VagrantError> {
        let bridge = network.bridge.as_deref();
        let same = bridge == Some(self.bridge) && network.addresses == [self.address];
        let overlapping = network.addresses.iter().any(|address| overlap(address, &self.address));
        let own = network.name == LAN;
        if own && same || !own && !overlapping && bridge != Some(self.bridge) {
            return Ok(());
        }
        let addresses: Vec<String> = network.addresses.iter().map(Ipv4Net::to_string).collect();
        Err(VagrantError::NetworkTaken {
            network: network.name.clone(),
            bridge: bridge.unwrap_or("no bridge").to_owned(),
            address: addresses.join(", "),
            needed: format!("the bridge {} with {}", self.bridge, self.address),
        })
    }

    fn refuse_interface(&self, interface: &Interface) -> Result<(), VagrantError> {
        let taken =
            |needed: String| VagrantError::InterfaceTaken { interface: interface.ifname.clone(), needed };
        if interface.ifname == self.bridge {
            return Err(taken(format!("the bridge's name {}", self.bridge)));
        }
        match interface.addresses().find(|address| overlap(address, &self.address)) {
            Some(address) => Err(taken(format!("the subnet of {} ({address} is in it)", self.address))),
            None => Ok(()),
        }
    }

    /// A route to a part of the subnet wins over the bridge's own; a wider one loses.
    fn refuse_route(&self, route: &Route) -> Result<(), VagrantError> {
        match route.destination().filter(|destination| self.address.contains(destination)) {
            Some(destination) => Err(VagrantError::RouteTaken {
                route: destination,
                interface: route.dev.clone(),
                subnet: self.address.trunc(),
            }),
            None => Ok(()),
        }
    }
}

fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lan() -> Lan<'static> {
        Lan { bridge: "bridge102", address: "192.168.245.1/24".parse().unwrap() }
    }

    fn network(name: &str, bridge: &str, address: &str) -> Network {
        Network {
            name: name.to_owned(),
            bridge: Some(bridge.to_owned()),
            addresses: vec![address.parse().unwrap()],
        }
    }

    #[test]
    fn the_labs_own_network_and_a_distant_one_are_no_hindrance() {
        for there in [
            network(LAN, "bridge102", "192.168.245.1/24"),
            network("vagrant-libvirt", "virbr0", "192.168.121.1/24"),
        ] {
            assert!(lan().refuse_network(&there).is_ok(), "{there:?}");
        }
    }

    #[test]
    fn a_network_with_the_subnet_or_the_bridge_is_named() {
        for there in [
            network("default", "virbr0", "192.168.245.1/24"),
            network("wide", "virbr1", "192.168.0.1/16"),
            network("other", "bridge102", "10.0.0.1/24"),
            network(LAN, "bridge102", "10.0.0.1/24"),
        ] {
            let error = lan().refuse_network(&there).unwrap_err().to_string();
            assert!(error.contains(&there.name) && error.contains("192.168.245.1/24"), "{error}");
        }
    }

    #[test]
    fn an_interface_with_the_subnet_or_the_bridges_name_is_named() {
        let read = |json: &str| serde_json::from_str::<Interface>(json).unwrap();
        let elsewhere =
            read(r#"{"ifname":"eth0","addr_info":[{"family":"inet","local":"192.0.2.7","prefixlen":24}]}"#);
        assert!(lan().refuse_interface(&elsewhere).is_ok());
        let subnet =
            r#"{"ifname":"eth0","addr_info":[{"family":"inet","local":"192.168.245.9","prefixlen":24}]}"#;
        let error = lan().refuse_interface(&read(subnet)).unwrap_err().to_string();
        assert!(error.contains("eth0") && error.contains("192.168.245.9/24"), "{error}");
        assert!(lan().refuse_interface(&read(r#"{"ifname":"bridge102","addr_info":[]}"#)).is_err());
    }

    #[test]
    fn a_route_into_the_subnet_is_named() {
        let read = |json: &str| serde_json::from_str::<Route>(json).unwrap();
        for harmless in [r#"{"dst":"default","dev":"eth0"}"#, r#"{"dst":"192.168.0.0/16","dev":"tun0"}"#] {
            assert!(lan().refuse_route(&read(harmless)).is_ok(), "{harmless}");
        }
        let error = lan().refuse_route(&read(r#"{"dst":"192.168.245.128/25","dev":"tun0"}"#)).unwrap_err();
        assert!(error.to_string().contains("192.168.245.128/25 by tun0"), "{error}");
    }
}
