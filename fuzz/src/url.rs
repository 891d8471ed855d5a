//! URLs that the service is to fetch.
//!
//! An input is text, so that seeds can be read: a URL, and in each further line a `Location` to
//! follow from there.

use portcullis_testing::outbound::Outbounds;

// An evaluator notes what it looks at, so that each thread has its own.
thread_local! {
    static OUTBOUNDS: Outbounds = Outbounds::new().expect("the policy compiles");
}

/// Holds for all bytes: both evaluators let out the same URLs, and what they let out has a scheme,
/// port and host that the policy allows; so has what a redirect leads to.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    OUTBOUNDS.with(|outbounds| {
        for outcome in [outbounds.check(&text), outbounds.check_redirects(text.split('\n'))] {
            if let Err(difference) = outcome {
                panic!("{difference}");
            }
        }
    });
}
