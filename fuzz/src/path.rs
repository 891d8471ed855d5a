//! Targets of requests, beside a path that nobody may ask for.
//!
//! An input is a target, as text or as bytes that are none.

use std::cell::RefCell;

use portcullis_testing::spellings::{Evaluators, Spelling};

thread_local! {
    static EVALUATORS: RefCell<Evaluators> =
        RefCell::new(Evaluators::new().expect("the policy compiles"));
}

/// Holds for all bytes: nobody without a credential reaches `/admin`, nor is a path handed on that a
/// careless reader takes for it; and all evaluators answer the same.
pub fn check(bytes: &[u8]) {
    let spelling = Spelling { method: "GET", target: bytes.to_vec(), headers: Vec::new() };
    let outcome = EVALUATORS.with_borrow_mut(|evaluators| evaluators.check(&spelling));
    if let Err(why) = outcome {
        panic!("{why}");
    }
}
