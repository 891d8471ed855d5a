//! Any text as a URL that the service is to fetch.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| portcullis_fuzz::url::check(bytes));
