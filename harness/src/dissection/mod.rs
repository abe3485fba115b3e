//! A record's line, exactly as `tcpdump -n` prints it (tcpdump 4.99), for ARP, ICMP and ICMPv6.
//!
//! Malformed and cut-off ones too. The one difference is what is inside of, or itself, something that is not covered (ARP of ATM and
//! frame relay, IPv6's routing, mobility and security headers, jumbo payloads, tunnels, ICMP router advertisements, ICMPv6 router
//! renumbering, node information and RPL): that is told by its kind alone, even where its bytes end too soon and tcpdump would say so.

mod arp;
mod dissector;
mod ethernet;
mod hexadecimal;
mod icmp;
mod icmp6;
mod interface_name;
mod ip;
mod ip6;
mod ip6_extensions;
mod line;
mod multicast_listener;
mod time_of_day;

pub use line::Dissection;
pub use time_of_day::TimeOfDay;
