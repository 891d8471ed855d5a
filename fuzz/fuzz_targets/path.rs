//! Any text as a way to write `/admin`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| portcullis_fuzz::path::check(bytes));
