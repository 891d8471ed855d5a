//! Runs the tests of a policy: from a `test` declaration to requests, and from answers to a verdict.
//!
//! What decides is behind [`Evaluator`], so that one corpus holds every evaluator to one meaning.

mod difference;
pub mod engine;
mod exchange;
mod facts;
pub mod generate;
mod run;
pub mod store;
mod world;

pub use difference::{Difference, Line, Side};
pub use engine::EngineEvaluator;
pub use exchange::{
    Answer, Evaluator, Exchange, Fact, Facts, Given, OpaqueToken, Outcome, Response, World,
};
pub use run::{Mismatch, mismatches, profiles, run};
pub use world::exchange;
