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
    /// Two virtual machines of Vagrant's and libvirt's.
    Vagrant,
    /// Machines that exist already.
    Ssh,
}

impl Provider {
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::Qemu, Self::Netns, Self::Vagrant, Self::Ssh];

    /// Whether its labs live in namespaces of their own, where nobody else speaks and whatever is
    /// in them ends with their keeper.
    pub fn is_hermetic(self) -> bool {
        matches!(self, Self::Qemu | Self::Netns)
    }

    /// Whether root of its nodes has `sh` for a login shell: what the provider makes has.
    pub(crate) fn has_login_sh(self) -> bool {
        self.is_hermetic()
    }

    /// Whether its nodes were made for the lab, which may then do with them what it likes.
    pub fn owns_nodes(self) -> bool {
        self != Self::Ssh
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Qemu => "qemu",
            Self::Netns => "netns",
            Self::Vagrant => "vagrant",
            Self::Ssh => "ssh",
        })
    }
}

/// A lab was asked for by a name that no provider has.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error(
    "there is no lab {0:?}: the labs are qemu (two virtual machines, the default), netns (two network namespaces), \
     vagrant (two virtual machines of Vagrant and libvirt) and ssh (machines that exist already)"
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
