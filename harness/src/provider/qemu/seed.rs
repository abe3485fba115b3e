//! What makes a machine of the image into a node: its name, its keys and its network.

use std::{fs, io, os::unix::fs::OpenOptionsExt as _};

use camino::Utf8Path;

use super::{NetworkCard, recipe::append};
use crate::{
    MacAddress,
    provider::{keys::Keys, pinned_settings},
    topology::Node,
};

/// The management interface in the guest, and its address in QEMU's user-mode network (QEMU's
/// default network is 10.0.2.0/24, and the guest 10.0.2.15).
const MANAGEMENT: &str = "mgmt";
const MANAGEMENT_ADDRESS: &str = "10.0.2.15/24";

/// A node's network cards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cards {
    /// The card on the LAN.
    pub uplink: MacAddress,
    /// The card that SSH uses.
    pub management: MacAddress,
}

/// Writes the seed: a tar archive, which the machine finds on a disk of that name and unpacks over
/// its root before it looks for devices.
pub(super) fn write(
    path: &Utf8Path,
    node: &Node,
    card: NetworkCard,
    cards: Cards,
    keys: &Keys,
) -> io::Result<()> {
    let file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let mut tar = tar::Builder::new(file);
    let secrets = [
        ("etc/ssh/ssh_host_ed25519_key", 0o600, fs::read_to_string(keys.host_key(&node.name))?),
        ("root/.ssh/authorized_keys", 0o600, fs::read_to_string(keys.authorized_keys())?),
    ];
    for (path, mode, contents) in secrets.into_iter().chain(files(node, card, cards)) {
        append(&mut tar, path, mode, contents.as_bytes())?;
    }
    tar.into_inner()?.sync_all()
}

/// All that a seed says but its keys.
pub(super) fn described(node: &Node, card: NetworkCard, cards: Cards) -> Vec<u8> {
    let files = files(node, card, cards);
    files
        .iter()
        .map(|(path, mode, contents)| format!("{path} {mode:o}\n{contents}\n"))
        .collect::<String>()
        .into()
}

/// The files without keys: path, mode, contents.
fn files(node: &Node, card: NetworkCard, cards: Cards) -> [(&'static str, u32, String); 5] {
    let link = |mac: MacAddress, name: &str| format!("[Match]\nMACAddress={mac}\n[Link]\nName={name}\n");
    [
        ("etc/hostname", 0o644, format!("{}\n", node.name)),
        ("etc/systemd/network/10-uplink.link", 0o644, link(cards.uplink, &node.uplink)),
        ("etc/systemd/network/10-management.link", 0o644, link(cards.management, MANAGEMENT)),
        ("etc/lab/driver", 0o644, format!("{}\n", card.driver())),
        ("etc/lab/addresses", 0o644, addresses(node)),
    ]
}

/// The shell lines that configure the node's interfaces.
fn addresses(node: &Node) -> String {
    let Node { uplink, address, .. } = node;
    format!(
        "{}\n{}\nip link set lo up\nip address add {address} brd + dev {uplink}\nip link set {uplink} up\n\
         ip address add {MANAGEMENT_ADDRESS} dev {MANAGEMENT}\nip link set {MANAGEMENT} up\n",
        pinned_settings(MANAGEMENT, false).lines(),
        pinned_settings(uplink, false).lines(),
    )
}
