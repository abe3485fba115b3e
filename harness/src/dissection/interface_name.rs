//! What this machine calls an interface.

use rustix::net::{AddressFamily, SocketType, netdevice::index_to_name, socket};

/// The name of this machine's interface of that index (netdevice(7): `SIOCGIFNAME`), if it has one.
pub(super) fn interface_name(index: u32) -> Option<String> {
    let socket = socket(AddressFamily::UNIX, SocketType::DGRAM, None).ok()?;
    index_to_name(socket, index).ok()
}
