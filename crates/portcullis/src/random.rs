//! Chance, from the operating system.

/// Bytes that nobody guesses; nothing where there are none to be had, and then nothing may be made of
/// them.
pub(crate) fn bytes<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}
