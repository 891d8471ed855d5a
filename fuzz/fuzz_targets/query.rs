//! Any text as a query string.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| portcullis_fuzz::input::check_query(bytes));
