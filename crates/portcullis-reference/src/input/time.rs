//! Times (RFC 3339, 5.6) and days, counted by hand.

/// Nanoseconds since the Unix epoch, as many as 64 bits hold. No second is a leap second.
pub(super) fn time(text: &str) -> Option<i128> {
    let day = day(text.get(..10)?)?;
    let clock = text.get(10..)?.strip_prefix(['T', 't'])?;
    let (seconds, rest) = (of_day(clock.get(..8)?)?, clock.get(8..)?);
    let (nanos, offset) = match rest.strip_prefix('.') {
        Some(rest) => {
            let offset = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = &rest[..rest.len() - offset.len()];
            if digits.is_empty() || digits.len() > 9 {
                return None;
            }
            (format!("{digits:0<9}").parse::<i128>().ok()?, offset)
        }
        None => (0, rest),
    };
    let seconds = i128::from(day * 86_400 + seconds - of_offset(offset)?);
    let time = seconds * 1_000_000_000 + nanos;
    i64::try_from(time).ok().map(i128::from)
}

/// The number of a day of the Gregorian calendar, where 1970-01-01 is 0.
pub(super) fn day(text: &str) -> Option<i64> {
    let [year, month, day] = numbers(text, '-', &[4, 2, 2])?[..] else { return None };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month).ok()?.checked_sub(1)?;
    let length = *months.get(index)?;
    if day < 1 || day > length {
        return None;
    }
    // The leap years before this one, the year 0 among them.
    let leaps = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let before: i64 = months[..index].iter().sum();
    Some(365 * year + leaps + before + day - 1 - EPOCH)
}

/// Days from 0000-01-01 to 1970-01-01.
const EPOCH: i64 = 719_528;

/// `hh:mm:ss`, in seconds.
fn of_day(text: &str) -> Option<i64> {
    match numbers(text, ':', &[2, 2, 2])?[..] {
        [hours @ 0..24, minutes @ 0..60, seconds @ 0..60] => {
            Some(hours * 3600 + minutes * 60 + seconds)
        }
        _ => None,
    }
}

/// `Z`, or `+hh:mm` ahead of it, in seconds.
fn of_offset(text: &str) -> Option<i64> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let (sign, text) = match text.strip_prefix('+') {
        Some(text) => (1, text),
        None => (-1, text.strip_prefix('-')?),
    };
    match numbers(text, ':', &[2, 2])?[..] {
        [hours @ 0..24, minutes @ 0..60] => Some(sign * (hours * 3600 + minutes * 60)),
        _ => None,
    }
}

/// Numbers of so many digits each, and nothing else.
fn numbers(text: &str, between: char, digits: &[usize]) -> Option<Vec<i64>> {
    let parts: Vec<&str> = text.split(between).collect();
    let is_number = |part: &str, digits: usize| {
        part.len() == digits && part.chars().all(|c| c.is_ascii_digit())
    };
    let fits = parts.len() == digits.len()
        && parts.iter().zip(digits).all(|(part, digits)| is_number(part, *digits));
    if fits { parts.iter().map(|part| part.parse().ok()).collect() } else { None }
}
