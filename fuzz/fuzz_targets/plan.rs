//! The plan's evaluator against the reference.
#![no_main]

use portcullis_testing::compare::compare;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(difference) = compare(portcullis_fuzz::choices(bytes)) {
        panic!("{difference}");
    }
});
