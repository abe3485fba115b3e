//! See [`hostile_input::fitness`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::fitness(data));
