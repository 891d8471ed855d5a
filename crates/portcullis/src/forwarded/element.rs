//! The syntax of `Forwarded` (RFC 7239, 4), with all of its quoting and without any leniency: a reader
//! that lets pass what a proxy would not write reads another list than the proxy.

use std::borrow::Cow;

use super::{MAX_ENTRIES, Malformed};
use crate::path::is_token;

/// What one hop says. Extensions, and `by`, are read and dropped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// `for`: whom it forwarded for.
    pub(super) client: Option<Cow<'a, str>>,
    /// `proto`: the scheme by which that one came.
    pub(super) proto: Option<Cow<'a, str>>,
    /// `host`: the host that was asked for.
    pub(super) host: Option<Cow<'a, str>>,
}

/// Reads the elements of a line.
pub(super) fn parse<'a>(line: &'a str, elements: &mut Vec<Element<'a>>) -> Result<(), Malformed> {
    let mut rest = Some(line);
    while let Some(text) = rest {
        let (element, after) = cut(text, ',')?;
        rest = after;
        if elements.len() == MAX_ENTRIES {
            return Err(Malformed);
        }
        elements.push(read(element.trim_matches([' ', '\t']))?);
    }
    Ok(())
}

fn read(element: &str) -> Result<Element<'_>, Malformed> {
    let (mut found, mut names) = (Element::default(), Vec::new());
    let mut rest = Some(element);
    while let Some(text) = rest {
        let (pair, after) = cut(text, ';')?;
        rest = after;
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_once('=').ok_or(Malformed)?;
        let name = name.to_ascii_lowercase();
        // Each may stand once in an element (RFC 7239, 4).
        if !is_token(&name) || names.contains(&name) || names.len() == MAX_ENTRIES {
            return Err(Malformed);
        }
        let value = self::value(value)?;
        match name.as_str() {
            "for" => found.client = Some(value),
            "proto" => found.proto = Some(value),
            "host" => found.host = Some(value),
            _ => {}
        }
        names.push(name);
    }
    Ok(found)
}

/// What stands before the first separator outside of quotes, and what behind it.
fn cut(text: &str, separator: char) -> Result<(&str, Option<&str>), Malformed> {
    let (mut quoted, mut escaped) = (false, false);
    for (index, found) in text.char_indices() {
        match found {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            found if found == separator && !quoted => {
                let (before, after) = text.split_at_checked(index).ok_or(Malformed)?;
                return Ok((before, after.get(separator.len_utf8()..)));
            }
            _ => {}
        }
    }
    if quoted { Err(Malformed) } else { Ok((text, None)) }
}

/// A token, or a quoted string without its quotes (RFC 9110, 5.6.2 and 5.6.4).
fn value(text: &str) -> Result<Cow<'_, str>, Malformed> {
    if is_token(text) {
        return Ok(Cow::Borrowed(text));
    }
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).ok_or(Malformed)?;
    if !inner.contains(['\\', '"']) {
        return if inner.chars().all(is_quotable) {
            Ok(Cow::Borrowed(inner))
        } else {
            Err(Malformed)
        };
    }
    let mut value = String::with_capacity(inner.len());
    let mut found = inner.chars();
    while let Some(next) = found.next() {
        let next = match next {
            '"' => return Err(Malformed),
            '\\' => found.next().ok_or(Malformed)?,
            next => next,
        };
        if !is_quotable(next) {
            return Err(Malformed);
        }
        value.push(next);
    }
    Ok(Cow::Owned(value))
}

fn is_quotable(found: char) -> bool {
    found == '\t' || matches!(found, ' '..='~')
}
