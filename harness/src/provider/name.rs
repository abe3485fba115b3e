//! The providers there are.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What makes a lab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Two virtual machines with kernels of their own, straight from QEMU.
    #[default]
    Qemu,
    /// Two network namespaces on the running kernel.
    Netns,
    /// Two virtual machines by Vagrant and libvirt.
    Vagrant,
}

impl Provider {
    /// All of them, the default first.
    const ALL: [Self; 3] = [Self::Qemu, Self::Netns, Self::Vagrant];
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Qemu => "qemu",
            Self::Netns => "netns",
            Self::Vagrant => "vagrant",
        })
    }
}

/// A lab was asked for by a name that no provider has.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error(
    "there is no lab {0:?}: the labs are qemu (two virtual machines, the default), netns (two network namespaces) and vagrant (two virtual machines by Vagrant and libvirt)"
)]
pub struct UnknownProvider(String);

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name.is_empty() {
            return Ok(Self::default());
        }
        (Self::ALL.into_iter())
            .find(|provider| provider.to_string() == name)
            .ok_or_else(|| UnknownProvider(name.to_owned()))
    }
}
