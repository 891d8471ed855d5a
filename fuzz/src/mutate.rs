//! Policies that are nearly right: made by the generator, then changed in a few tokens.

use portcullis_testing::generate::{Dice, policy};

use crate::choices;

/// What a token is replaced by, beside the other tokens of the text.
const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "not",
    "and",
    "or",
    "else",
    "unless",
    "when",
    "is",
    "in",
    "can",
    "exists",
    "within",
    "older than",
    "as",
    "null",
    "-1",
    "1..0",
    "..",
    "9223372036854775808",
    "0s",
    "::1/129",
    "/(/",
    "\"\"",
    "a.b.c.d",
    "caller",
    "now",
    "waive any \"\"",
    "optional",
    "?",
    "///",
    "//!",
    "secret",
    "route GET / {",
    "group / {",
    "test \"\" {",
    "invariant \"\" {",
    "budget b { limit 1 per 1s }",
    "setting s: int",
    "in dev",
    "é",
];

/// A policy with up to seven changes. The first bytes choose the changes, the others the policy.
#[must_use]
pub fn policy_with_changes(bytes: &[u8]) -> String {
    let (changes, rest) = bytes.split_at(bytes.len().min(29));
    let text = policy(&mut Dice::new(choices(rest)));
    let mut tokens: Vec<&str> = split(&text);
    let Some((count, changes)) = changes.split_first() else { return text };
    for change in changes.chunks_exact(4).take(usize::from(count % 8)) {
        let &[kind, high, low, with] = change else { break };
        let at = usize::from(u16::from_be_bytes([high, low])) % tokens.len().max(1);
        let other = usize::from(u16::from_be_bytes([with, high])) % tokens.len().max(1);
        match kind % 5 {
            _ if tokens.is_empty() => break,
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[other]),
            2 => tokens.swap(at, other),
            3 => tokens[at] = tokens[other],
            _ => tokens[at] = TOKENS[usize::from(with) % TOKENS.len()],
        }
    }
    tokens.join(" ")
}

/// The text at its white space and around its brackets, but whole strings stay whole.
fn split(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (at, mark) in text.char_indices() {
        quoted ^= mark == '"';
        if quoted || !(mark.is_whitespace() || "{}[]()".contains(mark)) {
            continue;
        }
        tokens.push(&text[start..at]);
        start = at + mark.len_utf8();
        tokens.push(&text[at..start]);
    }
    tokens.push(&text[start..]);
    tokens.retain(|token| !token.trim().is_empty());
    tokens
}
