//! The distributions that an image can be made of.

use std::{env, fmt, str::FromStr};

use super::NetworkCard;

/// A release of Debian or Ubuntu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// Debian 11.
    Bullseye,
    /// Debian 12.
    #[default]
    Bookworm,
    /// Debian 13.
    Trixie,
    /// Ubuntu 22.04, the tutorial's.
    Jammy,
    /// Ubuntu 24.04.
    Noble,
}

impl Release {
    /// All of them.
    const ALL: [Self; 5] = [Self::Bullseye, Self::Bookworm, Self::Trixie, Self::Jammy, Self::Noble];

    /// The one that `LAB_RELEASE` asks for, or the default.
    ///
    /// # Errors
    /// Where it asks for one that there is not.
    pub fn from_environment() -> Result<Self, UnknownRelease> {
        env::var("LAB_RELEASE").unwrap_or_default().parse()
    }

    /// The release's name in its archive.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Jammy => "jammy",
            Self::Noble => "noble",
        }
    }

    /// The package of the kernel that is meant for virtual machines; Debian's has drivers for those cards alone that
    /// were made for them.
    pub(super) fn kernel_package(self, card: NetworkCard) -> &'static str {
        match (self, card) {
            (Self::Bullseye | Self::Bookworm | Self::Trixie, NetworkCard::VirtioNet) => {
                "linux-image-cloud-amd64"
            }
            (Self::Bullseye | Self::Bookworm | Self::Trixie, NetworkCard::E1000) => "linux-image-amd64",
            (Self::Jammy | Self::Noble, _) => "linux-image-virtual",
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A release was asked for that no image can be made of.
#[derive(Debug, thiserror::Error)]
#[error("there is no release {0:?}; there are bullseye, bookworm, trixie (Debian), jammy and noble (Ubuntu)")]
pub struct UnknownRelease(String);

impl FromStr for Release {
    type Err = UnknownRelease;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name.is_empty() {
            return Ok(Self::default());
        }
        let known = Self::ALL.into_iter().find(|release| release.name() == name);
        known.ok_or_else(|| UnknownRelease(name.to_owned()))
    }
}
