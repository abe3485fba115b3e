//! See [`hostile_input::tcpdump_line`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::tcpdump_line(data));
