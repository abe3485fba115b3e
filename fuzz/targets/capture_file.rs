//! See [`hostile_input::capture_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::capture_file(data));
