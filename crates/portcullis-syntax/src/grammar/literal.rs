//! Literals and their values. The grammar knows their shapes; here is what has no value.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops;

use super::reader::{Reader, child, children};
use super::{Pair, Rule, shown};
use crate::ast::{self, Bound, Literal, Network, Range, ValueKind};
use crate::{Code, Diagnostic, Spanned};

/// What is wrong with a literal.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The bytes of the literal that are wrong, where not all are.
    pub(super) within: Option<ops::Range<usize>>,
}

fn wrong(message: impl Into<String>) -> Wrong {
    Wrong { message: message.into(), help: None, within: None }
}

impl Wrong {
    fn help(mut self, help: &str) -> Wrong {
        self.help = Some(help.to_owned());
        self
    }
}

impl Reader {
    /// Any literal.
    pub(super) fn literal(&self, pair: &Pair<'_>) -> Option<Spanned<Literal>> {
        let token = match pair.as_rule() {
            Rule::literal => pair.clone().into_inner().next()?,
            _ => pair.clone(),
        };
        let text_of = token.as_str();
        let node = match token.as_rule() {
            Rule::text => text(text_of).ok().map(Literal::Text),
            Rule::int => int(text_of).ok().map(Literal::Int),
            Rule::number => number(text_of).ok().map(Literal::Number),
            Rule::boolean => Some(Literal::Bool(text_of == "true")),
            Rule::duration => duration(text_of).ok().map(Literal::Duration),
            Rule::size => size(text_of).ok().map(Literal::Size),
            Rule::time => time(text_of).ok().map(Literal::Time),
            Rule::address => address(text_of).ok().map(Literal::Ip),
            Rule::network => network(text_of).ok().map(Literal::Network),
            Rule::range => range(text_of).ok().map(Literal::Range),
            _ => None,
        }?;
        Some(Spanned { node, span: self.span(&token) })
    }

    /// The first `value` of a clause.
    pub(super) fn value_in(&mut self, clause: &Pair<'_>) -> Option<ast::Value> {
        self.value(&child(clause, Rule::value)?)
    }

    /// A `value` as the author wrote it; what it must be is the compiler's to say. Nesting is
    /// bounded before the text is parsed.
    pub(super) fn value(&mut self, pair: &Pair<'_>) -> Option<ast::Value> {
        let inner = match pair.as_rule() {
            Rule::value => pair.clone().into_inner().next()?,
            _ => pair.clone(),
        };
        let node = match inner.as_rule() {
            Rule::literal => ValueKind::Literal(self.literal(&inner)?.node),
            Rule::name => ValueKind::Name(inner.as_str().to_owned()),
            Rule::permission => ValueKind::Permission(inner.as_str().to_owned()),
            Rule::list => ValueKind::List(
                children(&inner, Rule::value)
                    .map(|value| self.value(&value))
                    .collect::<Option<_>>()?,
            ),
            _ => return None,
        };
        Some(Spanned { node, span: self.span(&inner) })
    }

    /// Reports a value of another kind than the clause takes.
    pub(super) fn unexpected(&mut self, value: &Pair<'_>, what: &str) {
        let (span, found) = (self.span(value), shown(value.as_str().trim_end()));
        self.report(Diagnostic::error(
            Code::TypeMismatch,
            span,
            format!("expected {what}, found `{found}`"),
        ));
    }
}

pub(super) fn text(token: &str) -> Result<String, Wrong> {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or("");
    let mut resolved = String::with_capacity(inner.len());
    let mut chars = inner.char_indices();
    while let Some((at, char)) = chars.next() {
        if char != '\\' {
            resolved.push(char);
            continue;
        }
        let Some((after, escape)) = chars.next() else {
            break;
        };
        match escape {
            '"' | '\\' => resolved.push(escape),
            'n' => resolved.push('\n'),
            't' => resolved.push('\t'),
            'u' => {
                let rest = inner.get(after + 1..).unwrap_or("");
                let (code, length) = unicode(rest).map_err(|(message, length)| Wrong {
                    within: Some(at + 1..after + 2 + length),
                    ..wrong(message).help("write the code point as in `\\u{1F600}`")
                })?;
                resolved.push(code);
                if length > 0 {
                    chars.nth(length - 1);
                }
            }
            other => {
                return Err(Wrong {
                    within: Some(at + 1..after + 1 + other.len_utf8()),
                    ..wrong(format!("there is no escape `\\{other}`"))
                        .help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{1F600}`")
                });
            }
        }
    }
    Ok(resolved)
}

/// The character of `{1F600}` and the length of that, or what is wrong and the length to show.
fn unicode(rest: &str) -> Result<(char, usize), (String, usize)> {
    let digits = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(hex, _)| hex);
    let Some(digits) = digits.filter(|hex| {
        (1..=6).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    }) else {
        return Err(("expected one to six hexadecimal digits in braces after `\\u`".to_owned(), 0));
    };
    let length = digits.len() + 2;
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
        .map(|char| (char, length))
        .ok_or_else(|| (format!("there is no character U+{}", digits.to_uppercase()), length))
}

pub(super) fn int(token: &str) -> Result<i64, Wrong> {
    token.replace('_', "").parse().map_err(|_| {
        wrong(format!("`{}` does not fit an int", shown(token)))
            .help("ints have 64 bits: -9223372036854775808 to 9223372036854775807")
    })
}

pub(super) fn number(token: &str) -> Result<f64, Wrong> {
    match token.replace('_', "").parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(wrong(format!("`{}` does not fit a number", shown(token)))),
    }
}

pub(super) fn duration(token: &str) -> Result<u64, Wrong> {
    let units = [("s", 1), ("m", 60), ("h", 60 * 60), ("d", 24 * 60 * 60)];
    positive(token, "duration", &units)
}

pub(super) fn size(token: &str) -> Result<u64, Wrong> {
    positive(token, "size", &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)])
}

fn positive(token: &str, what: &str, units: &[(&str, u64)]) -> Result<u64, Wrong> {
    let value = units.iter().find_map(|(unit, factor)| {
        let count = token.strip_suffix(unit)?.replace('_', "").parse::<u64>().ok()?;
        count.checked_mul(*factor).filter(|value| i64::try_from(*value).is_ok())
    });
    match value {
        Some(0) => Err(wrong(format!("expected a {what} above zero, found `{token}`"))),
        Some(value) => Ok(value),
        None => Err(wrong(format!("`{}` is too large for a {what}", shown(token)))),
    }
}

pub(super) fn range(token: &str) -> Result<Range, Wrong> {
    let bound = |text: &str| {
        if text.contains('.') { number(text).map(Bound::Number) } else { int(text).map(Bound::Int) }
    };
    let (low, high) = token.split_once("..").unwrap_or((token, ""));
    let high = if high.is_empty() { None } else { Some(bound(high)?) };
    Ok(Range { low: bound(low)?, high })
}

/// Nanoseconds since the Unix epoch.
pub(super) fn time(token: &str) -> Result<i64, Wrong> {
    // A leap second would be read as the second before it, and so mean two times.
    let leap = token.get(17..19) == Some("60");
    let time = token.parse::<jiff::Timestamp>().ok().filter(|_| !leap);
    time.and_then(|time| i64::try_from(time.as_nanosecond()).ok()).ok_or_else(|| {
        wrong(format!("there is no time `{}`", shown(token)))
            .help("a time is like `2026-01-31T00:00:00Z`")
    })
}

pub(super) fn address(token: &str) -> Result<IpAddr, Wrong> {
    let parsed = if token.contains(':') {
        token.parse::<Ipv6Addr>().map(IpAddr::V6).ok()
    } else {
        token.parse::<Ipv4Addr>().map(IpAddr::V4).ok()
    };
    parsed.ok_or_else(|| wrong(format!("`{}` is no IP address", shown(token))))
}

pub(super) fn network(token: &str) -> Result<Network, Wrong> {
    let (base, length) = token.split_once('/').unwrap_or((token, ""));
    let base = address(base)?;
    let longest = if base.is_ipv4() { 32 } else { 128 };
    let prefix = length.parse::<u8>().ok();
    prefix.and_then(|prefix| Network::new(base, prefix)).ok_or_else(|| {
        wrong(format!("expected a prefix of at most {longest} bits, found `/{length}`"))
    })
}

pub(super) fn prefix(token: &str) -> Result<u8, Wrong> {
    let prefix = token.strip_prefix('/').and_then(|bits| bits.parse::<u8>().ok());
    prefix
        .filter(|bits| *bits <= 128)
        .ok_or_else(|| wrong(format!("expected a prefix of at most 128 bits, found `{token}`")))
}
