//! Any text as what proxies and browsers write about a request.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| portcullis_fuzz::forwarded::check(bytes));
