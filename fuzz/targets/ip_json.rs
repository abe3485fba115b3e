//! See [`hostile_input::ip_json`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::ip_json(data));
