//! See [`hostile_input::topology`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::topology(data));
