//! Two virtual machines straight from QEMU, without a daemon.
//!
//! The host's side (bridge, taps, QEMU's own forwarding of the management network) is in the
//! keeper's network namespace. The machines boot one image, each over a throw-away overlay, and
//! get what is their own (name, keys, addresses) from a small second disk, the seed.

mod cache;
mod image;
mod image_error;
mod machine;
mod mmdebstrap;
mod network_card;
mod part_folder;
mod recipe;
mod release;
mod seed;
mod vagrant_box;

pub use image::Image;
pub use image_error::ImageError;
pub use network_card::{NetworkCard, UnknownNetworkCard};
pub use release::{Release, UnknownRelease};
pub use vagrant_box::VagrantBox;

use camino::Utf8Path;
use futures_util::future::try_join_all;

use self::machine::VirtualMachine;
use super::{HostWay, Provided, ProviderError, accelerator::Accelerator, host, keys::Keys, pinned_settings};
use crate::{
    lab::Event,
    machine::Script,
    topology::{Node, Topology},
};

/// The same nodes, reached by their addresses on the LAN: as somebody there reaches them.
const LAN_SSH_CONFIG: &str = "ssh_config.lan";

pub(super) async fn bring_up(
    topology: &Topology,
    directory: &Utf8Path,
    run: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Provided, ProviderError> {
    let release = Release::from_environment().map_err(ImageError::from)?;
    let card = NetworkCard::from_environment().map_err(ImageError::from)?;
    let image = Image::find(release, card)?;
    let accelerator = Accelerator::of_this_machine();
    tell(Event::new(format!(
        "starting two virtual machines of {}, {accelerator}, with {card}",
        image.release()
    )));
    let names: Vec<&str> = topology.nodes.iter().map(|node| node.name.as_str()).collect();
    let keys = Keys::generate(&directory.join("keys"), &names).await?;
    host::make_bridge(topology).await?;
    let mut machines = Vec::new();
    for (number, node) in (1..).zip(&topology.nodes) {
        make_tap(node, topology).await?;
        machines.push(VirtualMachine::new(number, node, directory, run));
    }
    for machine in &machines {
        machine.write_seed(card, &keys)?;
    }
    let booting = machines.iter().map(|machine| machine.boot(&image, accelerator, tell));
    let nodes = try_join_all(booting).await?;
    let ssh_config = directory.join("ssh_config");
    let ways: Vec<_> = machines.iter().map(VirtualMachine::way).collect();
    keys.write_ssh_config(&ssh_config, &ways)?;
    keys.write_entrances(directory, &ways)?;
    let over_lan: Vec<_> =
        ways.into_iter().zip(&topology.nodes).map(|(way, node)| way.over_lan(node)).collect();
    keys.write_ssh_config(&directory.join(LAN_SSH_CONFIG), &over_lan)?;
    Ok(Provided {
        ssh_config,
        machines: format!("QEMU, {accelerator}, with {card}"),
        nodes,
        host: HostWay::Namespaces,
        host_alias: None,
        lock: None,
    })
}

/// Makes the bridge port that will be the machine's cable.
async fn make_tap(node: &Node, topology: &Topology) -> Result<(), ProviderError> {
    let (port, bridge) = (&node.port, &host::described(topology)?.bridge);
    let script = Script::new()
        .step(format!("ip tuntap add {port} mode tap"))
        .then(pinned_settings(port, false))
        .step(format!("ip link set {port} master {bridge} up"));
    host::machine()?.run(&script).await?;
    Ok(())
}
