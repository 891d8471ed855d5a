//! Durations as a policy writes them.

/// In the largest unit that holds it whole: `90s`, `15m`, `24h` for a day, `7d`.
pub(crate) fn written(seconds: i64) -> String {
    match seconds {
        days if days > DAY && days % DAY == 0 => format!("{}d", days / DAY),
        hours if hours >= HOUR && hours % HOUR == 0 => format!("{}h", hours / HOUR),
        minutes if minutes >= MINUTE && minutes % MINUTE == 0 => format!("{}m", minutes / MINUTE),
        _ => format!("{seconds}s"),
    }
}

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// What the plan counts the times of a session in.
pub(crate) const NANOS: i64 = 1_000_000_000;

#[test]
fn a_duration_is_written_in_its_largest_unit() {
    for (seconds, text) in
        [(90, "90s"), (900, "15m"), (5400, "90m"), (86400, "24h"), (604_800, "7d"), (0, "0s")]
    {
        assert_eq!(written(seconds), text);
    }
}
