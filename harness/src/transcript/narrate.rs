//! One frame at a time, told without a memory of those before.

use std::net::IpAddr;

use super::{Owners, any_echo::AnyEcho, ends::Ends, names::Names, say::say, text::TagWords};
use crate::{
    MacAddress,
    frame::{Link, Packet},
};

/// Tells one frame: who speaks to whom, and what it says. What nobody owns is called by its
/// address, and a ping by its identifier.
///
/// Unlike [`transcribe`](super::transcribe) it holds nothing between frames, so that a capture may be
/// of any size; whether a reply repeats its request's payload is not told.
pub fn narrate(packet: &Packet, owners: &Owners) -> String {
    let mut names = PlainNames { owners };
    let saying = say(&packet.content, Ends::from(packet), &mut names);
    let ends = [packet.source(), packet.destination()].map(|end| end.map(|mac| names.mac(mac)));
    let ends = match ends {
        [Some(source), Some(destination)] => format!("{source} > {destination}  "),
        [Some(source), None] => format!("{source}  "),
        _ => String::new(),
    };
    format!("{}{ends}{}{saying}", way(packet.link), TagWords(&packet.vlans))
}

/// What a cooked header tells of a frame's way, as tcpdump says it.
fn way(link: Link) -> String {
    let Link::Cooked(cooked) = link else { return String::new() };
    let index = cooked.interface_index.map(|index| format!("ifindex {index} "));
    format!("{}{:3} ", index.unwrap_or_default(), cooked.direction.to_string())
}

/// Names for a capture of any size.
struct PlainNames<'a> {
    owners: &'a Owners,
}

impl Names<'_> for PlainNames<'_> {
    type Name = String;
    type Ping = u16;

    fn mac(&mut self, mac: MacAddress) -> String {
        self.owners.of_mac(mac).unwrap_or_else(|| mac.to_string())
    }

    fn address(&mut self, address: IpAddr) -> String {
        self.owners.of_address(address)
    }

    fn hear(&mut self, echo: &AnyEcho<'_>) -> (u16, bool) {
        (echo.id, false)
    }

    fn is_of(&mut self, address: IpAddr, mac: MacAddress) -> bool {
        let owner = self.owners.of_address(address);
        self.owners.of_mac(mac).is_some_and(|owners| owners.split('=').any(|name| name == owner))
    }
}
