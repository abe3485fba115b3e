//! Faults, made for real: the harness must say where each kills a packet and why, and must find none where there is
//! none.

mod common;

mod faults {
    mod addresses;
    mod answers;
    mod controls;
    mod drops;
    mod healthy;
    mod ipv6;
    mod isolation;
    mod links;
    mod modes;
    mod neighbours;
    mod switch;
    mod trial;
}
