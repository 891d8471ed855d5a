//! The times of a token (RFC 7519, 2: seconds since the Unix epoch, a fraction allowed), in whole
//! nanoseconds.
//!
//! What lies between two nanoseconds is rounded up. Against a clock that counts whole ones
//! `t > now` and `t <= now` then hold exactly when they hold for `t` as it was written; only a
//! difference of two times may be off, by less than a nanosecond.

use crate::Timestamp;
use crate::json::Json;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Nanoseconds since the Unix epoch; wide enough that neither a number of seconds in an `i64` nor
/// a sum of two overflows. Floats beyond that range saturate, which keeps their order.
pub(super) fn read(value: &Json) -> Option<i128> {
    match *value {
        Json::Int(whole) => Some(seconds(whole)),
        Json::Number(number) if number.is_finite() => {
            // Apart, because `number * 1e9` would round today's times to some hundred nanoseconds;
            // the fraction alone is multiplied exactly.
            let whole = number.floor();
            let fraction = ((number - whole) * 1e9).ceil();
            Some((whole as i128).saturating_mul(NANOS_PER_SECOND).saturating_add(fraction as i128))
        }
        _ => None,
    }
}

/// As an attribute's value. Absent before the year 1678 and after 2261.
pub(super) fn timestamp(nanos: i128) -> Option<Timestamp> {
    i64::try_from(nanos).ok().map(Timestamp::from_nanos)
}

/// A number of whole seconds.
pub(super) fn seconds(seconds: i64) -> i128 {
    i128::from(seconds).saturating_mul(NANOS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::{read, timestamp};
    use crate::Timestamp;
    use crate::json::Json;

    #[test]
    fn fractions_are_rounded_up_to_the_nanosecond() {
        let cases = [
            (Json::Int(7), 7_000_000_000),
            (Json::Number(7.0), 7_000_000_000),
            (Json::Number(0.5), 500_000_000),
            (Json::Number(-0.5), -500_000_000),
            (Json::Number(-0.0), 0),
            (Json::Number(1e-12), 1),
            // The float next to 1767225600.1 that it stands for is 1767225600.09999990…
            (Json::Number(1_767_225_600.1), 1_767_225_600_099_999_905),
            (Json::Int(i64::MAX), i128::from(i64::MAX) * 1_000_000_000),
        ];
        for (value, nanos) in cases {
            assert_eq!(read(&value), Some(nanos));
        }
    }

    #[test]
    fn the_absurd_keeps_its_order() {
        assert_eq!(read(&Json::Number(f64::MAX)), Some(i128::MAX));
        assert_eq!(read(&Json::Number(f64::MIN)), Some(i128::MIN));
        assert_eq!(read(&Json::Number(f64::INFINITY)), None);
        assert_eq!(read(&Json::Number(f64::NAN)), None);
        for value in [Json::Null, Json::Bool(true), Json::Text("7".to_owned())] {
            assert_eq!(read(&value), None);
        }
    }

    #[test]
    fn an_attribute_holds_what_a_timestamp_can() {
        assert_eq!(timestamp(7), Some(Timestamp::from_nanos(7)));
        assert_eq!(timestamp(i128::from(i64::MAX) + 1), None);
        assert_eq!(timestamp(i128::from(i64::MIN) - 1), None);
    }
}
