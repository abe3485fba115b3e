//! See [`hostile_input::tcpdump_counts`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::tcpdump_counts(data));
