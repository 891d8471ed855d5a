//! Query strings and forms: pairs of names and texts (`application/x-www-form-urlencoded` of the
//! URL standard, but for an escape that is none: that is a fault, and not a text).

/// Every pair in its order; nothing where an escape is broken, or the bytes are not UTF-8 both as
/// they were sent and decoded: a character may not be half escaped.
pub(super) fn pairs(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    std::str::from_utf8(bytes).ok()?;
    let mut pairs = Vec::new();
    for piece in bytes.split(|byte| *byte == b'&') {
        if piece.is_empty() {
            continue;
        }
        let mut halves = piece.splitn(2, |byte| *byte == b'=');
        let name = decoded(halves.next().unwrap_or_default())?;
        let text = decoded(halves.next().unwrap_or_default())?;
        pairs.push((name, text));
    }
    Some(pairs)
}

fn decoded(bytes: &[u8]) -> Option<String> {
    let mut decoded = Vec::new();
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => decoded.push(b' '),
            b'%' => {
                let [high, low, after @ ..] = rest else { return None };
                let digit = |byte: u8| char::from(byte).to_digit(16);
                decoded.push(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?);
                rest = after;
            }
            plain => decoded.push(*plain),
        }
    }
    String::from_utf8(decoded).ok()
}
