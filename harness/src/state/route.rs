//! A route.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// A route as `ip -j route` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Route {
    /// `default`, a network or an address.
    pub dst: String,
    /// The interface that it leaves by.
    pub dev: Option<String>,
    /// The router that it leads by; none where the LAN itself leads there.
    pub gateway: Option<String>,
    /// `unicast`, `local`, `unreachable`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Kept and not used, for example since the link is down.
    #[serde(default)]
    pub flags: Vec<String>,
}

impl Route {
    /// Whether it leads to an address.
    pub fn covers(&self, address: IpAddr) -> bool {
        let leads_anywhere = self.kind.as_deref().is_none_or(|kind| matches!(kind, "unicast" | "local"));
        if !leads_anywhere || self.flags.iter().any(|flag| flag == "linkdown" || flag == "dead") {
            return false;
        }
        self.dst == "default"
            || self.dst.parse::<IpNet>().is_ok_and(|network| network.contains(&address))
            || self.dst.parse() == Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn covers(dst: &str, address: &str) -> bool {
        let route = Route { dst: dst.to_owned(), dev: None, gateway: None, kind: None, flags: Vec::new() };
        route.covers(address.parse().unwrap())
    }

    #[test]
    fn a_route_covers_its_network() {
        assert!(covers("192.168.245.0/24", "192.168.245.181") && covers("default", "8.8.8.8"));
        assert!(covers("10.0.0.1", "10.0.0.1") && !covers("10.0.0.0/8", "192.168.245.181"));
    }

    #[rstest]
    #[case::of_the_machine(Some("local"), &[], true)]
    #[case::to_nowhere(Some("unreachable"), &[], false)]
    #[case::with_a_hint(None, &["onlink"], true)]
    #[case::of_a_link_that_is_down(None, &["linkdown"], false)]
    #[case::of_a_link_that_is_gone(None, &["dead"], false)]
    fn a_route_leads_somewhere(#[case] kind: Option<&str>, #[case] flags: &[&str], #[case] leads: bool) {
        let route = Route {
            dst: "default".to_owned(),
            dev: None,
            gateway: None,
            kind: kind.map(str::to_owned),
            flags: flags.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(route.covers(IpAddr::from([192, 168, 245, 181])), leads);
    }
}
