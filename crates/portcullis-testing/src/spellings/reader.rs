//! A careless reader of paths, as many servers, proxies and frameworks have been.

/// Whether a request target is `/admin` or below it, to a careless reader.
#[must_use]
pub fn target_leads_to_admin(target: &[u8]) -> bool {
    // With a scheme and an authority, the path is what is behind them.
    let path = match target.windows(3).position(|three| three == b"://") {
        Some(at) if !target.starts_with(b"/") => {
            let behind = target.get(at + 3..).unwrap_or_default();
            let slash = behind.iter().position(|byte| *byte == b'/').unwrap_or(behind.len());
            behind.get(slash..).unwrap_or_default()
        }
        _ => target,
    };
    let end = path.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(path.len());
    path_leads_to_admin(path.get(..end).unwrap_or_default())
}

/// Whether a path is `/admin` or below it, to one who decodes as often as there is something to decode,
/// takes overlong UTF-8, turns backslashes, drops parameters, cuts at NUL, and then climbs.
///
/// Case, white space and letters that only look alike are not its business: the language tells those
/// apart, and so does whoever serves such a path.
#[must_use]
pub fn path_leads_to_admin(path: &[u8]) -> bool {
    let mut path = path.to_vec();
    loop {
        let decoded = short(&decoded(&path));
        if decoded == path {
            break;
        }
        path = decoded;
    }
    let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
    let path = path.get(..end).unwrap_or_default();
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in path.split(|byte| matches!(byte, b'/' | b'\\')) {
        let plain = segment.split(|byte| *byte == b';').next().unwrap_or_default();
        match plain {
            b"" | b"." => {}
            b".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    segments.first().is_some_and(|first| *first == b"admin")
}

/// Percent-decoded once; what is no escape stays.
fn decoded(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = path;
    while let Some((byte, after)) = rest.split_first() {
        let hexadecimal = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match hexadecimal.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(escaped) if *byte == b'%' => {
                decoded.push(escaped);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                decoded.push(*byte);
                rest = after;
            }
        }
    }
    decoded
}

/// With every overlong sequence of UTF-8 for an ASCII character made that character.
fn short(path: &[u8]) -> Vec<u8> {
    let mut short = Vec::new();
    let mut rest = path;
    loop {
        let (character, after) = match rest {
            [] => return short,
            [high @ (0xc0 | 0xc1), low @ 0x80..=0xbf, after @ ..]
            | [0xe0, high @ (0x80 | 0x81), low @ 0x80..=0xbf, after @ ..]
            | [0xf0, 0x80, high @ (0x80 | 0x81), low @ 0x80..=0xbf, after @ ..] => {
                ((high & 1) << 6 | low & 0x3f, after)
            }
            [byte, after @ ..] => (*byte, after),
        };
        short.push(character);
        rest = after;
    }
}
