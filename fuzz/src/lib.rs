//! What the targets hold true of an input. A panic is a find.

mod evaluators;
pub mod forwarded;
pub mod input;
pub mod mutate;
pub mod path;
pub mod request;
pub mod text;
pub mod url;

/// Choices for the generator of policies and requests: two bytes each.
#[must_use]
pub fn choices(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |sum, byte| sum << 8 | u16::from(*byte)))
        .collect()
}
