//! The models of the virtual machines' network cards.

use std::{env, fmt, str::FromStr};

/// The model of the card on the LAN. Cards differ in what they do to a short frame, in their unicast
/// filters and in the time to a carrier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkCard {
    /// Made for virtual machines: frames pass as they are.
    #[default]
    VirtioNet,
    /// As VMware has it: a frame is padded to Ethernet's 60 bytes.
    E1000,
}

impl NetworkCard {
    const ALL: [Self; 2] = [Self::VirtioNet, Self::E1000];

    /// The one that `LAB_NIC` asks for, or the default.
    ///
    /// # Errors
    /// Where it asks for one that there is not.
    pub fn from_environment() -> Result<Self, UnknownNetworkCard> {
        env::var("LAB_NIC").unwrap_or_default().parse()
    }

    /// QEMU's device. One that is restored announces itself, if it is not told otherwise.
    pub(super) fn device(self) -> &'static str {
        match self {
            Self::VirtioNet => "virtio-net-pci,guest_announce=off",
            Self::E1000 => "e1000",
        }
    }

    /// The kernel's driver.
    pub(super) fn driver(self) -> &'static str {
        match self {
            Self::VirtioNet => "virtio_net",
            Self::E1000 => "e1000",
        }
    }
}

impl fmt::Display for NetworkCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::VirtioNet => "virtio-net",
            Self::E1000 => "e1000",
        })
    }
}

/// A card was asked for that no machine can have.
#[derive(Debug, thiserror::Error)]
#[error("there is no network card {0:?} (LAB_NIC); there are virtio-net and e1000")]
pub struct UnknownNetworkCard(String);

impl FromStr for NetworkCard {
    type Err = UnknownNetworkCard;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name.is_empty() {
            return Ok(Self::default());
        }
        let known = Self::ALL.into_iter().find(|card| card.to_string() == name);
        known.ok_or_else(|| UnknownNetworkCard(name.to_owned()))
    }
}
