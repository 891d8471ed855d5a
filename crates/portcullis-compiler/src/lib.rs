//! From syntax trees to a plan: names, types, the flow of optionals, stages, lowering.
//!
//! Nothing here does I/O or reads a clock.

pub mod plan;
