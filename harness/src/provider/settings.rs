//! The kernel settings that a picture depends on.
//!
//! A new network namespace takes its IPv4 settings from the machine's first one
//! (`devconf_inherit_init_net`), so none of them can be left to chance.

use crate::machine::Script;

/// `net.ipv4.conf.*`: answer and take in as RFC 1122's weak host model does, announce nothing.
const IPV4: [(&str, &str); 8] = [
    ("rp_filter", "0"),
    ("arp_ignore", "0"),
    ("arp_announce", "0"),
    ("arp_filter", "0"),
    ("arp_notify", "0"),
    ("arp_accept", "0"),
    ("proxy_arp", "0"),
    ("forwarding", "0"),
];

/// `net.ipv4.neigh.*`: the kernel's own retransmissions, and no probe of an entry that is in use.
const NEIGHBOUR: [(&str, &str); 7] = [
    ("delay_first_probe_time", "600"),
    ("base_reachable_time_ms", "3600000"),
    ("gc_stale_time", "3600"),
    ("retrans_time_ms", "1000"),
    ("mcast_solicit", "3"),
    ("ucast_solicit", "3"),
    ("locktime", "100"),
];

/// `net.ipv6.conf.*`: nothing is said unasked.
const IPV6: [(&str, &str); 5] = [
    ("accept_dad", "0"),
    ("dad_transmits", "0"),
    ("router_solicitations", "0"),
    ("accept_ra", "0"),
    ("ndisc_notify", "0"),
];

/// Sets what pictures depend on for interfaces of a machine that has others, which are left alone.
pub(crate) fn pinned_interfaces(interfaces: &[&str]) -> Script {
    Script::new()
        .step(set("ipv4/conf", interfaces, &IPV4))
        .step(set("ipv4/neigh", interfaces, &NEIGHBOUR))
        .step(ipv6_switch(interfaces, false))
}

/// Sets what pictures depend on for one interface and all that come later in its namespace.
/// `ipv6` leaves IPv6 on; its own chatter then joins the frames.
pub(crate) fn pinned_settings(interface: &str, ipv6: bool) -> Script {
    let everywhere = ["all", "default", interface];
    let script = Script::new()
        .step("echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts")
        .step(set("ipv4/conf", &everywhere, &IPV4))
        // The neighbour table's defaults belong to the machine's first namespace alone.
        .step(set("ipv4/neigh", &[interface], &NEIGHBOUR));
    let script = if ipv6 {
        // All but locktime, which is ARP's alone.
        script.step(set("ipv6/conf", &everywhere, &IPV6)).step(set(
            "ipv6/neigh",
            &[interface],
            &NEIGHBOUR[..6],
        ))
    } else {
        script
    };
    script.step(ipv6_switch(&everywhere, ipv6))
}

fn set(folder: &str, devices: &[&str], settings: &[(&str, &str)]) -> String {
    let settings: Vec<String> = settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!(
        "for device in {}; do for s in {}; do echo ${{s#*=}} >/proc/sys/net/{folder}/$device/${{s%=*}}; done; done",
        devices.join(" "),
        settings.join(" ")
    )
}

/// Switches IPv6 off, or leaves it on, where the kernel has it.
fn ipv6_switch(devices: &[&str], on: bool) -> String {
    let devices = devices.join(" ");
    let value = u8::from(!on);
    format!(
        "for device in {devices}; do f=/proc/sys/net/ipv6/conf/$device/disable_ipv6; [ ! -e $f ] || echo {value} >$f; done"
    )
}

/// Prints the IPv4 settings of a machine and of its interface on the LAN as they are, and whether
/// IPv6 is on, for the pristine record. Some can only be written, which is no error.
pub(crate) fn printed_settings(interface: &str) -> String {
    format!(
        "cd /proc/sys/net; grep -sH . ipv4/* ipv4/conf/all/* ipv4/conf/default/* ipv4/conf/{interface}/* \
         ipv4/neigh/{interface}/* ipv6/conf/all/disable_ipv6 ipv6/conf/{interface}/disable_ipv6 || :"
    )
}
