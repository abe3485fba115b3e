//! See [`hostile_input::run_folder`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_input::run_folder(data));
