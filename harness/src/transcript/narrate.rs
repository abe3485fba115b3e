//! One frame at a time, told without a memory of those before.

use super::{
    Owners,
    ends::Ends,
    words::{Names, PingKey, tags, words},
};
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
    let text = words(&packet.content, Ends::from(packet), &mut names);
    let ends = [packet.source(), packet.destination()].map(|end| end.map(|mac| names.mac(mac)));
    let ends = match ends {
        [Some(source), Some(destination)] => format!("{source} > {destination}  "),
        [Some(source), None] => format!("{source}  "),
        _ => String::new(),
    };
    format!("{}{ends}{}{text}", way(packet.link), tags(&packet.vlans))
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

impl Names for PlainNames<'_> {
    fn owners(&self) -> &Owners {
        self.owners
    }

    fn mac(&mut self, mac: MacAddress) -> String {
        self.owners.of_mac(mac).unwrap_or_else(|| mac.to_string())
    }

    fn ping(&mut self, (_, id): PingKey) -> String {
        id.to_string()
    }
}
