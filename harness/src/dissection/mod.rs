//! A record's line, exactly as `tcpdump -n` prints it (tcpdump 4.99), for ARP, ICMP and ICMPv6.

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
