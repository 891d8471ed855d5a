//! Opaque tokens: `prefix`, 43 characters of chance, and six that check them.
//!
//! The prefix and the check are for whoever looks for tokens that have leaked, in code or in logs: a text
//! is known to be one without asking anybody. They guard nothing; the 256 bits do.

use crate::random;
use crate::store::Digest;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `62^43 > 2^256`.
const RANDOM: usize = 43;
const CHECK: usize = 6;

/// A new token: its text, which nobody can be told again.
pub(crate) fn mint(prefix: &str) -> Option<String> {
    let text = format!("{prefix}{}", base62(&random::bytes::<32>()?, RANDOM));
    let check = check(&text);
    Some(text + &check)
}

/// What the store calls it, if it could be a token of that prefix.
pub(crate) fn read(text: &str, prefix: &str) -> Option<Digest> {
    let rest = text.strip_prefix(prefix)?;
    let is_alphanumeric = rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if rest.len() != RANDOM + CHECK || !is_alphanumeric {
        return None;
    }
    let (checked, own) = text.split_at_checked(text.len().checked_sub(CHECK)?)?;
    (check(checked) == own).then(|| Digest::of(&[b"opaque", text.as_bytes()]))
}

/// The CRC-32 of what comes before it, as GitHub and npm have it in their tokens.
fn check(text: &str) -> String {
    base62(&crc32fast::hash(text.as_bytes()).to_be_bytes(), CHECK)
}

/// A number in base 62, of so many digits.
fn base62(bytes: &[u8], digits: usize) -> String {
    let mut number = bytes.to_vec();
    let mut text = Vec::with_capacity(digits);
    for _ in 0..digits {
        let rest = number.iter_mut().fold(0_u32, |rest, byte| {
            let value = rest * 256 + u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(0);
            value % 62
        });
        let digit = usize::try_from(rest).ok().and_then(|rest| ALPHABET.get(rest));
        text.push(char::from(digit.copied().unwrap_or(b'0')));
    }
    text.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_prefix_and_its_check() {
        let token = mint("shop_").unwrap();
        assert_eq!(token.len(), "shop_".len() + RANDOM + CHECK);
        assert!(read(&token, "shop_").is_some());
        assert!(read(&token, "other_").is_none());
        assert_ne!(read(&token, "shop_"), read(&mint("shop_").unwrap(), "shop_"));
        // Any one character that is mistyped.
        for place in "shop_".len()..token.len() {
            let mut other = token.clone().into_bytes();
            other[place] = if other[place] == b'x' { b'y' } else { b'x' };
            assert!(read(std::str::from_utf8(&other).unwrap(), "shop_").is_none());
        }
        for wrong in ["", "shop_", &token[..token.len() - 1], &format!("{token}0")] {
            assert!(read(wrong, "shop_").is_none());
        }
    }

    #[test]
    fn numbers_are_written_in_base_62() {
        assert_eq!(base62(&[0], 3), "000");
        assert_eq!(base62(&[61], 2), "0z");
        assert_eq!(base62(&[62], 2), "10");
        assert_eq!(base62(&u32::MAX.to_be_bytes(), 6), "4gfFC3");
        assert_eq!(base62(&[255; 32], RANDOM).len(), RANDOM);
    }
}
