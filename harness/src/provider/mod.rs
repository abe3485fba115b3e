//! What makes a lab. A provider's only product is an `ssh_config` and a table of facts: the rest
//! of the harness cannot tell which provider it was.

mod accelerator;
mod checkup;
mod error;
mod file_lock;
mod host;
mod keys;
mod name;
mod netns;
mod provided;
mod qemu;
mod requirement;
mod settings;
mod ssh;
mod vagrant;

pub use accelerator::Accelerator;
pub use checkup::{Finding, Remedy, State, check_up};
pub use error::ProviderError;
pub use name::{Provider, UnknownProvider};
pub use provided::HostWay;
pub use qemu::{
    Image, ImageError, NetworkCard, Release, UnknownBoot, UnknownNetworkCard, UnknownRelease, VagrantBox,
};
pub use requirement::{Fix, Requirement, has_program, is_root, requirements};
pub use ssh::{Fitness, fitness};
pub use vagrant::{VagrantError, destroy as destroy_vagrant};

pub(crate) use file_lock::FileLock;
pub(crate) use provided::{Places, Provided, Saved, bring_up, find_machines};
pub(crate) use qemu::Restored;
pub(crate) use requirement::check;
pub(crate) use settings::{pinned_interfaces, pinned_settings, printed_settings};
pub(crate) use ssh::{look_at_host, look_at_node, preflight, write_ssh_config};
