//! How machines come to be: from their memory as it was saved, or by a boot.

use std::{env, str::FromStr};

/// What `LAB_BOOT` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Boot {
    /// They are restored from a snapshot; where there is none that fits, they boot and one is made.
    #[default]
    Snapshot,
    /// They boot: drivers, udev and the carrier are then part of what is tested.
    Cold,
}

impl Boot {
    pub(super) fn from_environment() -> Result<Self, UnknownBoot> {
        env::var("LAB_BOOT").unwrap_or_default().parse()
    }
}

/// A way was asked for that there is not.
#[derive(Debug, thiserror::Error)]
#[error("machines can't be brought up by {0:?} (LAB_BOOT); there are snapshot and cold")]
pub struct UnknownBoot(String);

impl FromStr for Boot {
    type Err = UnknownBoot;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "" | "snapshot" => Ok(Self::Snapshot),
            "cold" => Ok(Self::Cold),
            _ => Err(UnknownBoot(name.to_owned())),
        }
    }
}
