//! The page in its three forms: what stands on it, that a reader of any kind can use it, and that no text of
//! a policy becomes more than a text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say what they expect"
)]

mod page {
    mod gaps;
    mod html;
    mod markdown;
    mod policies;
    mod profiles;
    mod same;
    mod snapshots;
    mod style;
}
