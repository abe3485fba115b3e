//! What there is on a node: the container's macvlan interface, and its parent.

use std::net::IpAddr;

use camino::Utf8PathBuf;
use ipnet::Ipv4Net;
use serde::Deserialize as _;
use serde_json::Value;

use super::{
    DiagnoseError,
    target::{Namespace, Target, is_plain},
};
use crate::{
    MacAddress,
    container::{Interface, Listing},
    machine::{Machine, Script},
    topology::Mode,
};

/// A node, as far as a diagnosis needs it.
pub(super) struct Found {
    pub(super) kernel: String,
    pub(super) uplink: Interface,
    /// The uplink's own, else another of the node's.
    pub(super) address: Ipv4Net,
    pub(super) child: Option<Child>,
}

/// A container's macvlan interface.
pub(super) struct Child {
    /// The namespace's path.
    pub(super) namespace: Utf8PathBuf,
    pub(super) interface: String,
    pub(super) mode: Mode,
    pub(super) address: Ipv4Net,
    pub(super) mac: Option<MacAddress>,
    /// The parent's index in the node's root namespace.
    parent: u32,
}

/// Looks at a node in one script. A node that is an end itself has its uplink where the LAN `lan` is.
pub(super) async fn discover(
    machine: &Machine,
    target: &Target,
    interface: Option<&str>,
    lan: Option<Ipv4Net>,
) -> Result<Found, DiagnoseError> {
    let namespace = target.namespace.as_ref();
    let output = machine.run(&script(namespace)).await?.stdout;
    let told = |word: &str| {
        output.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).unwrap_or_default()
    };
    let node = machine.name();
    let child = match namespace {
        Some(container) => {
            if !output.lines().any(|line| line.starts_with("inside ")) {
                let known = told("known").trim();
                return Err(DiagnoseError::Absent {
                    node: node.to_owned(),
                    container: container.to_string(),
                    known: if known.is_empty() { "none" } else { known }.to_owned(),
                });
            }
            let inside = interfaces(node, told("inside"))?;
            let child = pick(node, container, &inside, interface)?;
            Some(describe(node, child, told("path").into())?)
        }
        None => None,
    };
    let root = interfaces(node, told("root"))?;
    let is_uplink = |one: &&Interface| match (&child, lan) {
        (Some(child), _) => one.ifindex == child.parent,
        (None, Some(lan)) => addresses(one).any(|address| lan.contains(&address.addr())),
        (None, None) => false,
    };
    let lacks = |what: String| DiagnoseError::Lacks { node: node.to_owned(), what };
    let uplink = root.iter().find(is_uplink).ok_or_else(|| {
        lacks(match &child {
            Some(child) => format!("the parent of {} is not in the root namespace", child.interface),
            None => "no interface has an address of the container's subnet".to_owned(),
        })
    })?;
    plain_name(node, uplink)?;
    let address = addresses(uplink)
        .next()
        .or_else(|| root.iter().flat_map(addresses).next())
        .ok_or_else(|| lacks("there is no IPv4 address".to_owned()))?;
    Ok(Found { kernel: told("kernel").to_owned(), uplink: uplink.clone(), address, child })
}

fn script(namespace: Option<&Namespace>) -> Script {
    let script = Script::new()
        .step("echo kernel $(uname -r)")
        .step("printf 'root '; ip -j -d address show; echo")
        .step("echo known $(ls /run/netns 2>/dev/null)");
    match namespace {
        None => script,
        Some(namespace) => script.step(format!(
            "path={}; echo path \"$path\"; if [ -e \"$path\" ]; then \
             inside=$(nsenter --net=\"$path\" ip -j -d address show); echo inside \"$inside\"; fi",
            namespace.path()
        )),
    }
}

/// What `ip` lists, read one by one: an address without its fields is no reason to know nothing of the rest.
fn interfaces(node: &str, listing: &str) -> Result<Listing, DiagnoseError> {
    let unread = |error: serde_json::Error| DiagnoseError::Lacks {
        node: node.to_owned(),
        what: format!("what `ip -j -d address show` prints can't be read: {error}"),
    };
    let listed: Vec<Value> = serde_json::from_str(listing).map_err(unread)?;
    Ok(listed.iter().filter_map(|one| Interface::deserialize(one).ok()).collect())
}

fn is_macvlan(interface: &Interface) -> bool {
    matches!(interface.linkinfo.info_kind.as_str(), "macvlan" | "macvtap")
}

fn pick<'a>(
    node: &str,
    container: &Namespace,
    inside: &'a [Interface],
    wanted: Option<&str>,
) -> Result<&'a Interface, DiagnoseError> {
    let is_wanted = |one: &&Interface| is_macvlan(one) && wanted.is_none_or(|name| one.ifname == name);
    let found: Vec<&Interface> = inside.iter().filter(is_wanted).collect();
    let (node, container) = (node.to_owned(), container.to_string());
    match found[..] {
        [only] => Ok(only),
        [] => {
            let kind = |one: &Interface| match one.linkinfo.info_kind.as_str() {
                "" => one.ifname.clone(),
                kind => format!("{} ({kind})", one.ifname),
            };
            let known = inside.iter().map(kind).collect::<Vec<_>>().join(", ");
            let wanted = match wanted {
                Some(name) => format!("macvlan interface {name:?}"),
                None => "macvlan interface".to_owned(),
            };
            Err(DiagnoseError::NoMacvlan { node, container, wanted, known })
        }
        _ => {
            let known = found.iter().map(|one| one.ifname.as_str()).collect::<Vec<_>>().join(", ");
            Err(DiagnoseError::Several { node, container, known })
        }
    }
}

fn describe(node: &str, child: &Interface, namespace: Utf8PathBuf) -> Result<Child, DiagnoseError> {
    let name = plain_name(node, child)?;
    let lacks = |what: String| DiagnoseError::Lacks { node: node.to_owned(), what };
    let mode = &child.linkinfo.info_data.mode;
    Ok(Child {
        mode: Mode::deserialize(Value::from(mode.as_str()))
            .map_err(|_| lacks(format!("{name} has the macvlan mode {mode:?}, which is not understood")))?,
        address: addresses(child).next().ok_or_else(|| lacks(format!("{name} has no IPv4 address")))?,
        mac: child.address,
        parent: child.link_index.ok_or_else(|| lacks(format!("`ip` tells no parent of {name}")))?,
        interface: name.to_owned(),
        namespace,
    })
}

/// An interface's name that a shell may read. A container's own root gives its interfaces theirs, and the kernel refuses little
/// (`dev_valid_name` in net/core/dev.c).
fn plain_name<'a>(node: &str, interface: &'a Interface) -> Result<&'a str, DiagnoseError> {
    let name = &interface.ifname;
    if is_plain(name, "._-") && !name.starts_with('-') {
        return Ok(name);
    }
    Err(DiagnoseError::StrangeName { node: node.to_owned(), name: name.clone() })
}

fn addresses(interface: &Interface) -> impl Iterator<Item = Ipv4Net> {
    let global = interface.addr_info.iter().filter(|address| address.scope == "global");
    global.filter_map(|address| match address.local {
        IpAddr::V4(local) => Ipv4Net::new(local, address.prefixlen).ok(),
        IpAddr::V6(_) => None,
    })
}
