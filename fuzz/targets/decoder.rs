//! See [`hostile_input::decoder`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::decoder(data));
