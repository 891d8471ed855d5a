//! One strict check and one decoding of a request's target. What is not already normal is refused,
//! never mended: a path that two programs read differently is how a check is walked around.

use std::borrow::Cow;

/// The longest target, in bytes.
const LONGEST: usize = 8192;

/// A target that is normal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'t> {
    /// The path, decoded.
    pub(crate) path: Cow<'t, str>,
    /// What stands after the first `?`, as it came.
    pub(crate) query: Option<&'t str>,
}

/// The target is not normal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What a byte is to a path.
const PLAIN: u8 = 0;
const SLASH: u8 = 1;
const DOT: u8 = 2;
const PERCENT: u8 = 3;
const QUESTION: u8 = 4;
const SEMICOLON: u8 = 5;
const WRONG: u8 = 6;

const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [PLAIN; 256];
    let mut byte = 0;
    while byte < 256 {
        let class = match byte as u8 {
            // White space, control characters, all that is not ASCII; `#` begins a fragment, which
            // no request has; `\` is a slash to some.
            0..=0x20 | 0x7f..=0xff | b'#' | b'\\' => WRONG,
            b'/' => SLASH,
            b'.' => DOT,
            b'%' => PERCENT,
            b'?' => QUESTION,
            b';' => SEMICOLON,
            _ => PLAIN,
        };
        #[allow(clippy::indexing_slicing, reason = "the loop stays below the table's length")]
        {
            table[byte] = class;
        }
        byte += 1;
    }
    table
}

fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or(WRONG)
}

/// Parses path and query as they came on the request line.
pub(crate) fn parse(target: &str) -> Result<Target<'_>, Malformed> {
    if target.len() > LONGEST || !target.starts_with('/') {
        return Err(Malformed);
    }
    let mut encoded = false;
    let mut end = target.len();
    // The segment so far: its length, and whether it is made of dots alone.
    let mut length = 1usize;
    let mut dots = 0usize;
    for (at, byte) in target.bytes().enumerate() {
        match class(byte) {
            PLAIN => length += 1,
            SLASH => {
                // `//`, `/./` and `/../`
                if length == 0 || (length == dots && dots <= 2) {
                    return Err(Malformed);
                }
                (length, dots) = (0, 0);
            }
            DOT => (length, dots) = (length + 1, dots + 1),
            PERCENT => (encoded, length) = (true, length + 1),
            QUESTION => {
                end = at;
                break;
            }
            _ => return Err(Malformed),
        }
    }
    if length != 0 && length == dots && dots <= 2 {
        return Err(Malformed);
    }
    let path = target.get(..end).ok_or(Malformed)?;
    let query = if end < target.len() { target.get(end + 1..) } else { None };
    if let Some(query) = query {
        check_query(query)?;
    }
    Ok(Target {
        path: if encoded { Cow::Owned(decode(path)?) } else { Cow::Borrowed(path) },
        query,
    })
}

fn check_query(query: &str) -> Result<(), Malformed> {
    let mut bytes = query.bytes();
    while let Some(byte) = bytes.next() {
        match class(byte) {
            WRONG => return Err(Malformed),
            PERCENT => {
                hex(bytes.next(), bytes.next())?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Decodes once. An encoded byte that would change what the path means is refused.
fn decode(path: &str) -> Result<String, Malformed> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let byte = hex(bytes.next(), bytes.next())?;
        if matches!(byte, 0..0x20 | 0x7f | b'/' | b'.' | b'\\' | b'%' | b';') {
            return Err(Malformed);
        }
        decoded.push(byte);
    }
    String::from_utf8(decoded).map_err(|_| Malformed)
}

fn hex(high: Option<u8>, low: Option<u8>) -> Result<u8, Malformed> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    match (digit(high), digit(low)) {
        (Some(high), Some(low)) => u8::try_from(high * 16 + low).map_err(|_| Malformed),
        _ => Err(Malformed),
    }
}

/// Whether a text is a token (RFC 9110, 5.6.2), as a method has to be.
pub(crate) fn is_token(text: &str) -> bool {
    let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(tchar)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_normal_path_is_taken_as_it_is() {
        for path in ["/", "/a", "/a/", "/a/b.c", "/...", "/a..b/.c/d.", "/~x/-_", "/a@b:c"] {
            assert_eq!(parse(path).unwrap().path, path);
        }
        let found = parse("/a?b=/../c;d%20").unwrap();
        assert_eq!((&*found.path, found.query), ("/a", Some("b=/../c;d%20")));
        assert_eq!(parse("/a%20b%C3%A9").unwrap().path, "/a bé");
    }

    #[test]
    fn what_is_not_normal_is_refused() {
        for path in [
            "",
            "a",
            "*",
            "//",
            "/a//b",
            "/a//",
            "/./a",
            "/a/.",
            "/..",
            "/a/../b",
            "/a;b",
            "/a%3bb",
            "/a%2fb",
            "/a%2Fb",
            "/%2e%2e/a",
            "/a%5cb",
            "/a\\b",
            "/a%00",
            "/a%0a",
            "/a%7f",
            "/a%25b",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%ff",
            "/a b",
            "/é",
            "/a#b",
            "/a?b#c",
            "/a?%",
            "/a?b c",
            "/a?\\",
            "/%2e",
            "/a/%2e%2e",
        ] {
            assert_eq!(parse(path), Err(Malformed), "{path}");
        }
        assert_eq!(parse(&format!("/{}", "a".repeat(LONGEST))), Err(Malformed));
        assert!(parse(&format!("/{}", "a".repeat(LONGEST - 1))).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_normal(text in "(/|%2e|%|\\.|;|a|\\PC){0,12}") {
            if let Ok(found) = parse(&text) {
                let path = found.path;
                prop_assert!(path.starts_with('/'));
                let inner: Vec<_> = path.get(1..).unwrap().split('/').collect();
                let (last, rest) = inner.split_last().unwrap();
                prop_assert!(rest.iter().all(|s| !matches!(*s, "" | "." | "..")));
                prop_assert!(!matches!(*last, "." | ".."));
            }
        }
    }
}
