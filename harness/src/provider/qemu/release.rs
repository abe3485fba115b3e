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
    /// Debian 12 with the newer kernel of its backports.
    BookwormBackports,
    /// Debian 13.
    Trixie,
    /// Debian's unstable.
    Sid,
    /// Ubuntu 22.04, the tutorial's.
    Jammy,
    /// Ubuntu 24.04.
    Noble,
}

impl Release {
    /// All of them.
    const ALL: [Self; 7] = [
        Self::Bullseye,
        Self::Bookworm,
        Self::BookwormBackports,
        Self::Trixie,
        Self::Sid,
        Self::Jammy,
        Self::Noble,
    ];

    /// The one that `LAB_IMAGE` asks for, or the default.
    ///
    /// # Errors
    /// Where it asks for one that there is not.
    pub fn from_environment() -> Result<Self, UnknownRelease> {
        env::var("LAB_IMAGE").unwrap_or_default().parse()
    }

    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BookwormBackports => "bookworm-backports",
            _ => self.suite(),
        }
    }

    /// Its name in its archive.
    pub(super) fn suite(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm | Self::BookwormBackports => "bookworm",
            Self::Trixie => "trixie",
            Self::Sid => "sid",
            Self::Jammy => "jammy",
            Self::Noble => "noble",
        }
    }

    /// Whether its archive's index is valid for a week only. A mirror may well be older; it is signed all the same.
    pub(super) fn is_rolling(self) -> bool {
        self == Self::Sid
    }

    /// A further suite of the archive that its kernel is of.
    pub(super) fn kernels_suite(self) -> Option<&'static str> {
        (self == Self::BookwormBackports).then_some("bookworm-backports")
    }

    /// The package of the kernel that is meant for virtual machines; Debian's has drivers for those cards alone that
    /// were made for them. As apt takes it: with the suite behind a slash, where that is a further one.
    pub(super) fn kernel_package(self, card: NetworkCard) -> String {
        let package = match (self, card) {
            (Self::Jammy | Self::Noble, _) => "linux-image-virtual",
            (_, NetworkCard::VirtioNet) => "linux-image-cloud-amd64",
            (_, NetworkCard::E1000) => "linux-image-amd64",
        };
        match (self, self.kernels_suite()) {
            (_, Some(suite)) => format!("{package}/{suite}"),
            // Its security archive lists kernels that it does not have any more.
            (Self::Bullseye, None) => format!("{package}/bullseye"),
            (_, None) => package.to_owned(),
        }
    }

    /// What gives podman's containers their network: netavark, or in older releases the CNI plugins alone, which all
    /// images have.
    pub(super) fn network_stack(self) -> Option<&'static str> {
        (!matches!(self, Self::Bullseye | Self::Jammy)).then_some("netavark")
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A release was asked for that no image can be made of.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no release {0:?}; there are bullseye, bookworm, bookworm-backports, trixie, sid (Debian), jammy and noble \
     (Ubuntu)"
)]
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
