//! Two virtual machines straight from QEMU, without a daemon.
//!
//! The host's side (bridge, taps, QEMU's own forwarding of the management network) is in the
//! keeper's network namespace. The machines boot one image, each over a throw-away overlay, and
//! get what is their own (name, keys, addresses) from a small second disk, the seed. Once booted they are saved, and
//! later labs are restored from that: each machine maps the saved memory copy on write.

mod boot;
mod cache;
mod frozen;
mod image;
mod image_error;
mod machine;
mod machines;
mod mmdebstrap;
mod network_card;
mod part_folder;
mod qmp;
mod recipe;
mod release;
mod restored;
mod seed;
mod snapshot;
mod snapshot_key;
mod time_stamp_counter;
mod vagrant_box;

pub use boot::UnknownBoot;
pub use image::Image;
pub use image_error::ImageError;
pub use network_card::{NetworkCard, UnknownNetworkCard};
pub use release::{Release, UnknownRelease};
pub use vagrant_box::VagrantBox;

pub(crate) use frozen::Frozen;
pub(crate) use restored::Restored;

use self::{
    boot::Boot,
    machine::VirtualMachine,
    machines::{Machines, Running},
    time_stamp_counter::TimeStampCounter,
};
use super::{HostWay, Places, Provided, ProviderError, accelerator::Accelerator, host, pinned_settings};
use crate::{
    lab::Event,
    machine::Script,
    topology::{Node, Topology},
};

/// The same nodes, reached by their addresses on the LAN: as somebody there reaches them.
const LAN_SSH_CONFIG: &str = "ssh_config.lan";

pub(super) async fn bring_up(
    topology: &Topology,
    places: &Places<'_>,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Provided, ProviderError> {
    let counter = TimeStampCounter::read();
    let boot = Boot::from_environment()?;
    let release = Release::from_environment().map_err(ImageError::from)?;
    let card = NetworkCard::from_environment().map_err(ImageError::from)?;
    let image = Image::find(release, card)?;
    Image::sweep_builds()?;
    let accelerator = Accelerator::of_this_machine();
    tell(Event::new(format!(
        "starting two virtual machines of {}, {accelerator}, with {card}",
        image.release()
    )));
    host::make_bridge(topology).await?;
    for node in &topology.nodes {
        make_tap(node, topology).await?;
    }
    let is_emulated = accelerator == Accelerator::Emulation;
    let clock = counter.filter(|_| is_emulated).and_then(TimeStampCounter::kilohertz);
    let machine = |(number, node)| VirtualMachine::new(number, node, clock, places);
    let machines = Machines {
        topology,
        image: &image,
        accelerator,
        directory: places.directory,
        machines: (1..).zip(&topology.nodes).map(machine).collect(),
        questions: &places.questions,
        tell,
    };
    let Running { nodes, saved } = machines.start(boot, places.may_restore).await?;
    Ok(Provided {
        ssh_config: machines.ssh_config(),
        machines: format!("QEMU, {accelerator}, with {card}"),
        came_up: Some(if saved.restored.is_some() { "restored" } else { "booted" }),
        saved,
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
