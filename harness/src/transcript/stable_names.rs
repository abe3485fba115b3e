//! Names that do not depend on the machine.

use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt as _};

use super::{
    Owners, Vocabulary,
    any_echo::AnyEcho,
    letter::Letter,
    names::{Names, PingKey, ping_key},
    vocabulary::{Name, Numbered, number},
};
use crate::MacAddress;

/// Names that do not depend on the machine: strangers are numbered and pings lettered, in the order in which they are
/// first told of. Each address is looked up once.
pub(super) struct StableNames<'a> {
    owners: &'a Owners,
    vocabulary: Vocabulary,
    macs: HashMap<MacAddress, Station>,
    addresses: HashMap<IpAddr, Name>,
    strangers: usize,
    pings: Numbered<PingKey>,
    /// The payload of each echo when it was first heard.
    payloads: HashMap<(Letter, u16), &'a [u8]>,
}

/// Whoever has a MAC address.
#[derive(Clone, Copy)]
enum Station {
    Owner(Name),
    Stranger,
    NumberedStranger(Name),
}

impl<'a> StableNames<'a> {
    pub(super) fn new(owners: &'a Owners) -> Self {
        Self {
            owners,
            vocabulary: Vocabulary::default(),
            macs: HashMap::new(),
            addresses: HashMap::new(),
            strangers: 0,
            pings: Numbered::default(),
            payloads: HashMap::new(),
        }
    }

    pub(super) fn vocabulary(&mut self) -> &mut Vocabulary {
        &mut self.vocabulary
    }

    pub(super) fn into_vocabulary(self) -> Vocabulary {
        self.vocabulary
    }

    fn station(&mut self, mac: MacAddress) -> Station {
        *self.macs.entry(mac).or_insert_with(|| {
            self.owners
                .of_mac(mac)
                .map_or(Station::Stranger, |owner| Station::Owner(self.vocabulary.name(owner)))
        })
    }
}

impl<'a> Names<'a> for StableNames<'a> {
    type Name = Name;
    type Ping = Letter;

    fn mac(&mut self, mac: MacAddress) -> Name {
        match self.station(mac) {
            Station::Owner(name) | Station::NumberedStranger(name) => name,
            Station::Stranger => {
                self.strangers += 1;
                let name = self.vocabulary.name(format!("unknown#{}", self.strangers));
                self.macs.insert(mac, Station::NumberedStranger(name));
                name
            }
        }
    }

    fn address(&mut self, address: IpAddr) -> Name {
        let name = || self.vocabulary.name(self.owners.of_address(address));
        *self.addresses.entry(address).or_insert_with(name)
    }

    fn hear(&mut self, echo: &AnyEcho<'a>) -> (Letter, bool) {
        let ping = Letter(number(self.pings.insert_full(ping_key(echo)).0));
        let first = self.payloads.entry((ping, echo.sequence)).or_insert(echo.payload);
        (ping, *first != echo.payload)
    }

    fn is_of(&mut self, address: IpAddr, mac: MacAddress) -> bool {
        let Station::Owner(owners) = self.station(mac) else { return false };
        let owner = self.address(address);
        owner == owners || {
            let owner = self.vocabulary.text(owner);
            self.vocabulary.text(owners).split('=').any(|name| name == owner)
        }
    }
}
