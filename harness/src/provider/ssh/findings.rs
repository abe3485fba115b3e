//! What a machine that exists already says of itself: lines of a word and what belongs to it.

use std::{collections::BTreeMap, net::Ipv4Addr};

use ipnet::Ipv4Net;
use serde::Deserialize;

/// A machine's answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub lacks: Vec<String>,
    links: Vec<Link>,
    pub addresses: Vec<Ipv4Net>,
    /// The larger of `all` and the interface's own, by the setting's name.
    pub settings: BTreeMap<String, u32>,
    pub machine_id: Option<String>,
    pub namespaces: Vec<String>,
    /// Addresses of containers that may not be free, with arping's words.
    pub arping: Vec<String>,
    /// Whether a run that was killed has left a record.
    pub has_leftovers: bool,
    /// The first and the last address of each.
    pub dhcp_ranges: Vec<(Ipv4Addr, Ipv4Addr)>,
    pub is_wireless: bool,
    pub is_virtual_function: bool,
    pub drops_forwarded: bool,
}

/// A link as `ip -json -details link` lists it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub ifindex: u32,
    pub ifname: String,
    pub operstate: String,
    pub master: Option<String>,
    link: Option<String>,
    link_index: Option<u32>,
    /// Where the parent is in another namespace, its index says nothing here.
    link_netnsid: Option<u32>,
    pub linkinfo: LinkInfo,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkInfo {
    pub info_kind: String,
    pub info_data: LinkData,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkData {
    pub mode: String,
}

#[derive(Deserialize)]
struct Addressed {
    #[serde(default)]
    addr_info: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    local: Ipv4Addr,
    prefixlen: u8,
}

impl Findings {
    /// Reads a machine's answers. A line that nobody knows is passed over: it is some tool's remark.
    pub(super) fn read(output: &str) -> Self {
        let mut findings = Self::default();
        for line in output.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            findings.take(word, rest.trim());
        }
        findings
    }

    fn take(&mut self, word: &str, rest: &str) {
        match word {
            "lacks" => self.lacks.push(rest.to_owned()),
            "links" => self.links = serde_json::from_str(rest).unwrap_or_default(),
            "addresses" => self.addresses = addresses(rest),
            "setting" => self.settings.extend(setting(rest)),
            "machine-id" => self.machine_id = Some(rest.to_owned()).filter(|id| !id.is_empty()),
            "namespace" => self.namespaces.push(rest.to_owned()),
            "arping" => self.arping.push(rest.to_owned()),
            "leftovers" => self.has_leftovers = true,
            "dhcp" => self.dhcp_ranges.extend(dhcp_range(rest)),
            "wireless" => self.is_wireless = true,
            "virtual-function" => self.is_virtual_function = true,
            "forward-drop" => self.drops_forwarded = true,
            _ => {}
        }
    }

    pub(super) fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.ifname == name)
    }

    /// The names of all links.
    pub(super) fn names(&self) -> String {
        let names = self.links.iter().map(|link| link.ifname.as_str()).filter(|name| !name.is_empty());
        names.collect::<Vec<_>>().join(", ")
    }

    /// The macvlan, macvtap, ipvlan and ipvtap interfaces of a link, as far as they are in its namespace.
    pub(super) fn children_of<'a>(&'a self, parent: &'a Link) -> impl Iterator<Item = &'a Link> {
        let kinds = ["macvlan", "macvtap", "ipvlan", "ipvtap"];
        let is_child = |link: &&Link| {
            let by_name = link.link.as_deref() == Some(&parent.ifname);
            by_name || (link.link_netnsid.is_none() && link.link_index == Some(parent.ifindex))
        };
        self.links
            .iter()
            .filter(move |link| kinds.contains(&link.linkinfo.info_kind.as_str()))
            .filter(is_child)
    }
}

fn addresses(json: &str) -> Vec<Ipv4Net> {
    let listed: Vec<Addressed> = serde_json::from_str(json).unwrap_or_default();
    let all = listed.into_iter().flat_map(|interface| interface.addr_info);
    all.filter_map(|address| Ipv4Net::new(address.local, address.prefixlen).ok()).collect()
}

/// The first two addresses of a server's line, however it separates them.
fn dhcp_range(line: &str) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '=' | ';'));
    let mut addresses = words.filter_map(|word| word.parse().ok());
    Some((addresses.next()?, addresses.next()?))
}

fn setting(line: &str) -> Option<(String, u32)> {
    let mut words = line.split_whitespace();
    let name = words.next()?.to_owned();
    Some((name, words.filter_map(|value| value.parse().ok()).max()?))
}
