//! Two virtual machines by Vagrant and libvirt, as `vagrant/Vagrantfile` describes them.
//!
//! They outlive the run: machines that are up already are used as they are. The host's side, the
//! bridge and its ports, is libvirt's.

mod bring_up;
mod environment;
mod error;
mod firewall;
mod host_keys;
mod hypervisor;
mod in_use;
mod interfaces;
mod made;
mod message;
mod network;
mod preflight;
mod reach;
mod ssh_config;
mod up;

pub use bring_up::destroy;
pub use error::VagrantError;

pub(super) use bring_up::{bring_up, find};
pub(super) use environment::has_plugin;
pub(super) use firewall::check as check_firewall;
pub(super) use hypervisor::has_local_hypervisor;
pub(super) use preflight::check_networks;
pub(super) use reach::Reach;
