//! What all scenarios use.

#![allow(dead_code, unused_imports, reason = "no test target uses all of it")]

mod belief;
mod cni_plugin;
mod counters;
pub mod descendants;
mod doubt;
mod exchange;
mod ipv6;
mod lab;
mod mac;
mod own_parent;
mod pictures;
mod probes;
mod records;
mod reflection;
mod snapshot;
mod source_list;
mod timers;
mod verdict;
mod wait;

pub use belief::believe;
pub use cni_plugin::{Plugin, assert_added, lab_with_namespaces, namespaces, start_dhcp_daemon};
pub use counters::counted;
pub use doubt::{assert_lost_then_found, doubt_soon, ping_until_given_up};
pub use exchange::{
    REPLY_DEADLINE, assert_answered, assert_arrives_in_vain, assert_cut_off, assert_reached,
    assert_reached_as, assert_seen, assert_seen_as, assert_unreached, assert_unreached_as, by_filter,
    capture_and,
};
pub use ipv6::{
    assert_reached_by_ipv6, assert_unreached_by_ipv6, detect_duplicates, let_speak_ipv6, link_local,
    see_address_taken, set_up_ipv6, take_address, until_its_own_address_is_in_use,
};
pub use lab::{LeasedLab, SUITE, lab, lab_with, lab_with_siblings};
pub use mac::mac;
pub use own_parent::{make_parent, set_up_behind, set_up_on};
pub use pictures::{assert_pictures, assert_rows};
pub use probes::{assert_probed_after_the_answer, assert_probed_late};
pub use records::records_at;
pub use reflection::{assert_reached_and_echoed, reflect};
pub use snapshot::assert_snapshot;
pub use source_list::{Takes, list_sources};
pub use timers::{PINNED_PROBE_DELAY, hasten, make_sure_after, set_probe_delay};
pub use verdict::assert_fails_by;
pub use wait::{until, until_it_has_a_carrier};
