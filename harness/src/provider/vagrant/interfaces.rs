//! The machine's own interfaces and routes, as `ip -j` prints them.

use ipnet::Ipv4Net;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::process::Command;

use super::{
    VagrantError,
    environment::{output_of, shown},
};

/// An interface with its addresses.
#[derive(Debug, Deserialize)]
pub(super) struct Interface {
    /// Its name. Older versions of `ip` leave an empty object where they skip an interface.
    #[serde(default)]
    pub ifname: String,
    #[serde(default)]
    addr_info: Vec<Address>,
}

#[derive(Debug, Deserialize)]
struct Address {
    #[serde(default)]
    family: String,
    #[serde(default)]
    local: String,
    #[serde(default)]
    prefixlen: u8,
}

/// A route of the main table.
#[derive(Debug, Deserialize)]
pub(super) struct Route {
    #[serde(default)]
    dst: String,
    /// Its interface; a route of several has none.
    #[serde(default)]
    pub dev: String,
}

impl Interface {
    /// All interfaces.
    pub(super) async fn all() -> Result<Vec<Self>, VagrantError> {
        read(&["-j", "address"]).await
    }

    /// Its IPv4 addresses.
    pub(super) fn addresses(&self) -> impl Iterator<Item = Ipv4Net> {
        let addresses = self.addr_info.iter().filter(|address| address.family == "inet");
        addresses.filter_map(|address| Ipv4Net::new(address.local.parse().ok()?, address.prefixlen).ok())
    }
}

impl Route {
    /// All IPv4 routes.
    pub(super) async fn all() -> Result<Vec<Self>, VagrantError> {
        read(&["-4", "-j", "route"]).await
    }

    /// Where it leads; the default route leads nowhere in particular.
    pub(super) fn destination(&self) -> Option<Ipv4Net> {
        let single = || self.dst.parse().ok().and_then(|address| Ipv4Net::new(address, 32).ok());
        self.dst.parse().ok().or_else(single).filter(|net: &Ipv4Net| net.prefix_len() > 0)
    }
}

async fn read<T: DeserializeOwned>(arguments: &[&str]) -> Result<Vec<T>, VagrantError> {
    let mut ip = Command::new("ip");
    ip.args(arguments);
    let json = output_of(&mut ip).await?;
    serde_json::from_str(&json)
        .map_err(|error| VagrantError::Output { command: shown(&ip), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_gaps_skipped() {
        let json = r#"[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"addr_info":
            [{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo"},
             {"family":"inet6","local":"::1","prefixlen":128,"scope":"host"}]},{},
            {"ifindex":3,"ifname":"bridge102","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"addr_info":
            [{"family":"inet","local":"192.168.245.1","prefixlen":24,"broadcast":"192.168.245.255","scope":"global",
              "label":"bridge102"}]}]"#;
        let interfaces: Vec<Interface> = serde_json::from_str(json).unwrap();
        let addresses =
            |interface: &Interface| interface.addresses().map(|net| net.to_string()).collect::<Vec<_>>();
        assert_eq!(addresses(&interfaces[0]), ["127.0.0.1/8"]);
        assert!(addresses(&interfaces[1]).is_empty());
        assert_eq!(
            (interfaces[2].ifname.as_str(), addresses(&interfaces[2])),
            ("bridge102", vec!["192.168.245.1/24".to_owned()])
        );
    }

    #[test]
    fn the_default_route_leads_nowhere_in_particular() {
        let json = r#"[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]},
            {"dst":"192.168.121.0/24","dev":"virbr0","protocol":"kernel","scope":"link","prefsrc":"192.168.121.1","flags":[]},
            {"dst":"10.9.0.7","dev":"tun0","flags":[]}]"#;
        let routes: Vec<Route> = serde_json::from_str(json).unwrap();
        let destinations: Vec<_> =
            routes.iter().map(|route| route.destination().map(|net| net.to_string())).collect();
        assert_eq!(destinations, [None, Some("192.168.121.0/24".to_owned()), Some("10.9.0.7/32".to_owned())]);
    }
}
