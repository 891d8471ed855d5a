//! What holds the engine to its word: a second, naive evaluator of a policy. Unpublished.

pub mod naive;
