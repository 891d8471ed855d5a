//! The forms of text that have a name, and the texts of values that JSON has no type for.

use std::net::IpAddr;

use portcullis_syntax::ast::Network;

/// A form of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A valid e-mail address of the HTML standard (WHATWG HTML, 4.10.5.1.5), within the lengths of
    /// RFC 5321, 4.5.3.1: no comments, no quoted local part, no address literal, ASCII alone.
    Email,
    /// Lower-case letters, digits and single hyphens between them.
    Slug,
    /// An address.
    Ip,
    /// `full-date` of RFC 3339, 5.6.
    Date,
    /// `date-time` of RFC 3339, 5.6.
    Time,
}

/// The longest address, in characters (RFC 5321, 4.5.3.1.3, less the angle brackets).
const LONGEST_EMAIL: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_LABEL: usize = 63;
const LONGEST_SLUG: usize = 128;
/// The longest URL, in characters; as the URL standard writes it all of them are ASCII.
pub const LONGEST_URL: usize = 2048;

impl Format {
    /// Every format, with its name in the language.
    pub const ALL: &'static [(&'static str, Format)] = &[
        ("email", Format::Email),
        ("slug", Format::Slug),
        ("ip", Format::Ip),
        ("date", Format::Date),
        ("time", Format::Time),
    ];

    /// Whether a text has it.
    #[must_use]
    pub fn has(self, text: &str) -> bool {
        match self {
            Format::Email => is_email(text),
            Format::Slug => is_slug(text),
            Format::Ip => ip(text).is_some(),
            Format::Date => text.len() == 10 && date(text).is_some(),
            Format::Time => time(text).is_some(),
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Format::Email => "must be an e-mail address",
            Format::Slug => "must be lower-case letters and digits, with single hyphens between",
            Format::Ip => "must be an IP address",
            Format::Date => "must be a date like 2026-01-31",
            Format::Time => "must be a time like 2026-01-31T09:30:00Z",
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let is_label = |label: &str| {
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        label.len() <= LONGEST_LABEL
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && edge(label.bytes().next())
            && edge(label.bytes().next_back())
    };
    text.len() <= LONGEST_EMAIL
        && !local.is_empty()
        && local.len() <= LONGEST_LOCAL_PART
        && local.bytes().all(atom)
        && domain.split('.').all(is_label)
}

fn is_slug(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= LONGEST_SLUG && text.split('-').all(part)
}

/// The days since the Unix epoch of `2026-01-31`, with which a text begins.
fn date(text: &str) -> Option<i64> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, _) = digits(rest.strip_prefix('-')?, 2)?;
    let date = jiff::civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(epoch.until(date.ok()?).ok()?.get_days()))
}

fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
        .map(|n| (n, rest))
}

/// A `date-time` of RFC 3339, 5.6, in nanoseconds since the Unix epoch. The letters may be small, as
/// there; a leap second is none.
#[must_use]
pub fn time(text: &str) -> Option<i64> {
    let days = date(text)?;
    let rest = text.get(10..)?.strip_prefix(['T', 't'])?;
    let (hour, rest) = digits(rest, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (nanos, rest) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(fraction) => {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let scale = 9_u32.checked_sub(u32::try_from(length).ok()?).filter(|_| length > 0)?;
            let (fraction, rest) = digits(fraction, length)?;
            (fraction * 10_i64.pow(scale), rest)
        }
    };
    let offset = match rest {
        "Z" | "z" => 0,
        _ => {
            let (sign, rest) = match rest.strip_prefix('+') {
                Some(rest) => (1, rest),
                None => (-1, rest.strip_prefix('-')?),
            };
            let (hours, rest) = digits(rest, 2)?;
            let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
            if hours > 23 || minutes > 59 || !rest.is_empty() {
                return None;
            }
            sign * (hours * 3600 + minutes * 60)
        }
    };
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    // Of a time before the epoch the nanoseconds bring it back into what can be held.
    let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    i64::try_from(nanos).ok()
}

/// The text of a time in nanoseconds since the Unix epoch, in UTC.
#[must_use]
pub fn time_text(nanos: i64) -> String {
    // Every number of nanoseconds is a time.
    jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or_default().to_string()
}

/// An address; IPv4 in IPv6 is IPv4.
#[must_use]
pub fn ip(text: &str) -> Option<IpAddr> {
    // The readers of `std` take no leading zeros, no zones, no ports and no brackets.
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// A network in canonical form: no bit behind its prefix is set.
#[must_use]
pub fn network(text: &str) -> Option<Network> {
    let (address, prefix) = text.split_once('/')?;
    let plain = !prefix.is_empty()
        && prefix.bytes().all(|byte| byte.is_ascii_digit())
        && (prefix == "0" || !prefix.starts_with('0'));
    let prefix: u8 = prefix.parse().ok().filter(|_| plain)?;
    let address: IpAddr = address.parse().ok()?;
    Network::new(address, prefix).filter(|network| network.address() == address.to_canonical())
}

/// A URL as the URL standard writes it: `http` or `https`, absolute, without credentials.
#[must_use]
pub fn url(text: &str) -> Option<String> {
    // The standard's reader drops tabs and line ends, and takes backslashes for slashes: another
    // reader, before or behind, would see another URL.
    let odd = |found: char| found.is_control() || found.is_whitespace() || found == '\\';
    if text.len() > 4 * LONGEST_URL || text.chars().any(odd) {
        return None;
    }
    // `https:a.example` and `https:///a.example` are mended by some readers and not by others.
    let (scheme, rest) = text.split_once("://")?;
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if !known || rest.starts_with('/') {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    // `https://@a.example` has an empty user, which the standard's writer forgets.
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let bare = bare && !authority.contains('@');
    (bare && url.has_host() && text.chars().count() <= LONGEST_URL)
        .then(|| String::from(url))
        .filter(|url| url.len() <= LONGEST_URL)
}
