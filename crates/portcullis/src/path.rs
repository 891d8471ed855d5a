//! The one strict check of a request target, and its one percent-decoding.
//!
//! A path that two readers could take for different ones is refused instead of cleaned up: a proxy
//! in front or a router behind might clean it up otherwise. What is left has one reading.

use std::borrow::Cow;

/// Longer targets are refused (RFC 9110, 4.1 asks for at least 8000 octets).
const MAX_LENGTH: usize = 8192;

/// A request target in origin form (RFC 9112, 3.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// Decoded; borrowed where nothing was encoded.
    pub(crate) path: Cow<'a, str>,
    /// What follows the first `?`, as it was sent; its percent sequences are whole.
    pub(crate) query: Option<&'a str>,
}

/// The target is not one that a correct client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed request target")]
pub(crate) struct Malformed;

/// Checks a target, and decodes its path.
pub(crate) fn parse(target: &str) -> Result<Target<'_>, Malformed> {
    let bytes = target.as_bytes();
    if bytes.len() > MAX_LENGTH || bytes.first() != Some(&b'/') {
        return Err(Malformed);
    }
    match plain(target) {
        Some(target) => Ok(target),
        None => scanned(target),
    }
}

/// Whether a text is a `token`, and so may be a method (RFC 9110, 5.6.2 and 9.1).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| {
            matches!(byte,
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\''
                | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
        })
}

/// The way of nearly every target: nothing is encoded and no segment begins with a dot.
///
/// Each test is one loop without a branch, which the compiler turns into vector instructions: a
/// path of 48 bytes takes a third of the time that [`scanned`] takes, which decides alone what
/// this leaves open.
fn plain(target: &str) -> Option<Target<'_>> {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let unusual = target.bytes().fold(false, |unusual, byte| {
        unusual | !(0x21..0x7f).contains(&byte) | (byte == b'#') | (byte == b'\\') | (byte == b'%')
    });
    let bytes = path.as_bytes();
    let parameters = bytes.iter().fold(false, |found, &byte| found | (byte == b';'));
    let climbing = bytes.iter().zip(bytes.iter().skip(1)).fold(false, |found, (&one, &next)| {
        found | ((one == b'/') & ((next == b'/') | (next == b'.')))
    });
    if unusual | parameters | climbing {
        return None;
    }
    Some(Target { path: Cow::Borrowed(path), query })
}

/// The whole check, byte by byte.
fn scanned(target: &str) -> Result<Target<'_>, Malformed> {
    let path = scan_path(target.as_bytes())?;
    let (raw, query) = target.split_at_checked(path.end).ok_or(Malformed)?;
    let query = query.strip_prefix('?');
    check_query(query.unwrap_or_default().as_bytes())?;
    let path = if path.encoded { Cow::Owned(decode(raw)?) } else { Cow::Borrowed(raw) };
    Ok(Target { path, query })
}

/// What a byte may mean in a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Slash,
    Dot,
    Percent,
    Question,
    Semicolon,
    Refused,
}

const fn class(byte: u8) -> Class {
    match byte {
        b'/' => Class::Slash,
        b'.' => Class::Dot,
        b'%' => Class::Percent,
        b'?' => Class::Question,
        b';' => Class::Semicolon,
        0..=0x20 | 0x7f..=0xff | b'#' | b'\\' => Class::Refused,
        _ => Class::Plain,
    }
}

struct Scanned {
    /// Where the path ends.
    end: usize,
    /// Whether anything in it is percent-encoded.
    encoded: bool,
}

/// What the segment at hand consists of so far; `.` and `..` are the ones that climb.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Empty,
    OneDot,
    TwoDots,
    Other,
}

fn scan_path(bytes: &[u8]) -> Result<Scanned, Malformed> {
    let mut segment = Segment::Empty;
    let mut encoded = false;
    let Some((b'/', mut rest)) = bytes.split_first() else {
        return Err(Malformed);
    };
    while let Some((&byte, after)) = rest.split_first() {
        match class(byte) {
            Class::Plain => segment = Segment::Other,
            Class::Slash if segment == Segment::Other => segment = Segment::Empty,
            Class::Dot => {
                segment = match segment {
                    Segment::Empty => Segment::OneDot,
                    Segment::OneDot => Segment::TwoDots,
                    Segment::TwoDots | Segment::Other => Segment::Other,
                }
            }
            Class::Percent => {
                let (byte, after) = hex_pair(after)?;
                // An encoded slash or dot moves a boundary after the check; an encoded percent is
                // a second decoding waiting to happen; the rest is read differently by different
                // servers. Bytes of multi-byte characters are judged together, once decoded.
                if byte < 0x20 || matches!(byte, b'/' | b'.' | b'\\' | b'%' | b';' | 0x7f) {
                    return Err(Malformed);
                }
                encoded = true;
                segment = Segment::Other;
                rest = after;
                continue;
            }
            Class::Question => break,
            Class::Slash | Class::Semicolon | Class::Refused => return Err(Malformed),
        }
        rest = after;
    }
    match segment {
        // Either the path is `/`, or it ends in its one trailing slash.
        Segment::Empty | Segment::Other => {
            Ok(Scanned { end: bytes.len().saturating_sub(rest.len()), encoded })
        }
        Segment::OneDot | Segment::TwoDots => Err(Malformed),
    }
}

fn check_query(mut rest: &[u8]) -> Result<(), Malformed> {
    while let Some((&byte, after)) = rest.split_first() {
        rest = match class(byte) {
            Class::Refused => return Err(Malformed),
            Class::Percent => hex_pair(after)?.1,
            _ => after,
        };
    }
    Ok(())
}

fn decode(raw: &str) -> Result<String, Malformed> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = if byte == b'%' { hex_pair(after)? } else { (byte, after) };
        decoded.push(byte);
        rest = after;
    }
    String::from_utf8(decoded).map_err(|_| Malformed)
}

/// The byte that two hexadecimal digits stand for, and what follows them.
fn hex_pair(bytes: &[u8]) -> Result<(u8, &[u8]), Malformed> {
    let [high, low, after @ ..] = bytes else {
        return Err(Malformed);
    };
    Ok((hex_digit(*high)? << 4 | hex_digit(*low)?, after))
}

fn hex_digit(byte: u8) -> Result<u8, Malformed> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        b'A'..=b'F' => Ok(byte - b'A' + 10),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::{MAX_LENGTH, Malformed, Target, is_token, parse, plain, scanned};

    #[test]
    fn a_plain_target_is_borrowed() {
        let cases = [
            ("/", "/", None),
            ("/a", "/a", None),
            ("/a/", "/a/", None),
            ("/api/orders/7", "/api/orders/7", None),
            ("/a?", "/a", Some("")),
            ("/a?b=c&d=%2F%2e%00;x//../?y", "/a", Some("b=c&d=%2F%2e%00;x//../?y")),
            ("/.well-known/x", "/.well-known/x", None),
            ("/...", "/...", None),
            ("/a./..b/c..d", "/a./..b/c..d", None),
            ("/*:@!$&'()+,=~_-", "/*:@!$&'()+,=~_-", None),
        ];
        for (target, path, query) in cases {
            let parsed = parse(target).unwrap();
            assert!(matches!(parsed.path, Cow::Borrowed(_)), "{target}");
            assert_eq!(parsed, Target { path: path.into(), query }, "{target}");
        }
    }

    #[test]
    fn a_path_is_decoded_once() {
        let cases = [
            ("/%41", "/A"),
            ("/a%20b", "/a b"),
            ("/%C3%a9t%C3%A9", "/été"),
            ("/%F0%9F%98%80?x", "/😀"),
            ("/%3f%23", "/?#"),
            ("/a%2B+", "/a++"),
            ("/.%61", "/.a"),
        ];
        for (target, path) in cases {
            assert_eq!(parse(target).map(|target| target.path), Ok(path.into()), "{target}");
        }
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        let cases = [
            "",
            "a",
            "*",
            "?a",
            "http://shop.example/",
            "shop.example:443",
            "//",
            "//a",
            "/a//",
            "/a//b",
            "/a//?b",
            "/.",
            "/..",
            "/./",
            "/../a",
            "/a/./b",
            "/a/../b",
            "/a/.",
            "/a/..",
            "/a/.?b",
            "/a/..?b",
            "/a;b",
            "/a;b=c/d",
            "/..;/a",
            "/a\\b",
            "/a?b\\c",
            "/a#b",
            "/a?b#c",
            "/a b",
            "/a?b c",
            "/a\tb",
            "/a\0",
            "/a?\0",
            "/a\x7f",
            "/a?\x7f",
            "/a\r\nX: y",
            "/é",
            "/a?é",
            "/%",
            "/%4",
            "/%4?1",
            "/%zz",
            "/%4g",
            "/%+1",
            "/a?%",
            "/a?%4",
            "/a?%zz",
            "/%u0041",
            "/a%2fb",
            "/a%2Fb",
            "/%2e",
            "/%2E%2e/",
            "/.%2e/",
            "/a%2ehtml",
            "/a%5cb",
            "/a%5Cb",
            "/%2541",
            "/%252e%252e/",
            "/a%3bb",
            "/a%3Bb",
            "/a%00",
            "/a%0d%0aX:%20y",
            "/a%1f",
            "/a%7f",
            "/%ff",
            "/%c0%ae%c0%ae/",
            "/%c0%af",
            "/%ed%a0%80",
            "/%c3",
            "/%c3/%a9",
            "/%c3x%a9",
        ];
        for target in cases {
            assert_eq!(parse(target), Err(Malformed), "{target:?}");
        }
    }

    #[test]
    fn length_is_bounded() {
        let target = |length: usize| format!("/{}", "a".repeat(length - 1));
        assert!(parse(&target(MAX_LENGTH)).is_ok());
        assert_eq!(parse(&target(MAX_LENGTH + 1)), Err(Malformed));
        assert_eq!(parse(&format!("/?{}", "a".repeat(MAX_LENGTH - 1))), Err(Malformed));
    }

    #[test]
    fn methods_are_tokens() {
        for method in ["GET", "get", "M-SEARCH", "X!#$%&'*+.^_`|~1"] {
            assert!(is_token(method), "{method}");
        }
        for method in ["", "GE T", "GET ", "G\0", "GET/", "G(", "GÉT", "G\u{7f}", "\"GET\"", "a:b"]
        {
            assert!(!is_token(method), "{method:?}");
        }
    }

    proptest! {
        #[test]
        fn random_text_never_panics(target in ".{0,80}", rest in "[/.%?;\\\\a2eEfF5c#]{0,20}") {
            let _ = (parse(&target), is_token(&target));
            let _ = parse(&format!("/{rest}"));
        }

        #[test]
        fn the_fast_way_decides_as_the_whole_check(rest in "([/.%?;a#\\\\é ~!]|%41|aa/){0,8}") {
            let target = format!("/{rest}");
            if let Some(fast) = plain(&target) {
                prop_assert_eq!(Ok(fast), scanned(&target));
            }
        }

        /// Whoever cleans a path up, before or after its decoding, finds nothing to do.
        #[test]
        fn what_is_accepted_is_normal(rest in "([/.%?;a]|%[0-9a-fA-F]{2}|%2[eEfF]|%25){0,12}") {
            let target = format!("/{rest}");
            if let Ok(parsed) = parse(&target) {
                let raw = target.split('?').next().unwrap();
                for path in [raw, &parsed.path] {
                    let mut segments: Vec<&str> = path.split('/').skip(1).collect();
                    if segments.last() == Some(&"") {
                        segments.pop();
                    }
                    prop_assert!(segments.iter().all(|s| !matches!(*s, "" | "." | "..")));
                }
                prop_assert_eq!(
                    parsed.path.matches('/').count(),
                    raw.matches('/').count()
                );
                prop_assert!(!parsed.path.contains(['%', ';', '\\', '\0']));
            }
        }
    }
}
