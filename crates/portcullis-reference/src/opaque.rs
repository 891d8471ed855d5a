//! Opaque tokens: whether a text could be one.

/// Whether it is the prefix, 43 letters and digits, and the CRC-32 of all that in six digits of base 62.
pub(crate) fn is_one(text: &str, prefix: &str) -> bool {
    let Some(rest) = text.strip_prefix(prefix) else {
        return false;
    };
    if rest.len() != 49 || !rest.chars().all(|c| c.is_ascii_alphanumeric()) {
        return false;
    }
    let (checked, check) = text.split_at(text.len() - 6);
    let sum = check.chars().fold(0_u64, |sum, c| {
        let digit = match c {
            '0'..='9' => c as u64 - '0' as u64,
            'A'..='Z' => c as u64 - 'A' as u64 + 10,
            _ => c as u64 - 'a' as u64 + 36,
        };
        sum * 62 + digit
    });
    sum == u64::from(crc32(checked.as_bytes()))
}

/// Bit by bit (ISO-HDLC, the one of zip and png).
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc >>= 1;
            if carry == 1 {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}
