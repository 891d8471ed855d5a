//! Any bytes as a body.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| portcullis_fuzz::input::check_body(bytes));
