//! What all scenarios use.

#![allow(dead_code, unused_imports, reason = "no test target uses all of it")]

mod cni_plugin;
mod exchange;
mod ipv6;
mod lab;
mod own_parent;
mod pictures;
mod snapshot;
mod verdict;
mod wait;

pub use cni_plugin::{Plugin, lab_with_namespaces, namespaces, start_dhcp_daemon};
pub use exchange::{
    assert_reached, assert_reached_as, assert_seen, assert_seen_as, assert_unreached, by_filter, hasten,
};
pub use ipv6::{let_speak_ipv6, link_local, set_up_ipv6};
pub use lab::{LeasedLab, SUITE, lab, lab_with, lab_with_siblings};
pub use own_parent::make_parent;
pub use pictures::{assert_pictures, assert_rows};
pub use snapshot::assert_snapshot;
pub use verdict::assert_fails_by;
pub use wait::{until, until_it_has_a_carrier};
