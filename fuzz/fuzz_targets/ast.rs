//! Policies that are nearly right.
#![no_main]

use portcullis_fuzz::{mutate, text};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    text::check(mutate::policy_with_changes(bytes).as_bytes());
});
