//! What holds the engine to its word: the evaluators held against each other, a store that always
//! answers later, what every store holds, made-up policies, requests and URLs, and the corpus. Unpublished.

pub mod compare;
#[allow(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "laws say what they expect"
)]
pub mod conformance;
pub mod corpus;
#[allow(clippy::indexing_slicing, clippy::expect_used, reason = "the tables are in sight")]
pub mod generate;
pub mod late;
pub mod outbound;
pub mod spellings;
pub mod tokens;
pub mod traced;
