//! What curl makes of a URL: it writes out several from one, and takes `.` and `..` away.

use crate::Failure;

/// How a URL is read.
#[derive(Clone, Copy, Default)]
pub(super) struct Reading {
    /// `--globoff`: braces and brackets stand for themselves.
    pub(super) globoff: bool,
    /// `--path-as-is`: dots in a path stay.
    pub(super) as_is: bool,
}

/// What curl takes a host for by the first part of its name, where no scheme says what it is.
const OTHERS: &[&str] = &["FTP", "DICT", "LDAP", "IMAP", "SMTP", "POP3"];

/// The whole URL that is asked for, with a query added to the one that it has.
pub(super) fn target(url: &str, reading: Reading, added: Option<&str>) -> Result<String, Failure> {
    let (scheme, rest, guessed) = match url.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest, false),
        // So does curl.
        _ => ("http".to_owned(), url, true),
    };
    if scheme != "http" && scheme != "https" {
        return said(&format!("`{scheme}` is not the scheme of an API"));
    }
    if rest.chars().any(|found| found.is_ascii_control() || found == ' ') {
        return said(
            "the URL of the `curl` command holds a space or a control character: write `%20`",
        );
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let ends = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(ends);
    if authority.is_empty() {
        return said("the URL of the `curl` command has no host");
    }
    if authority.contains('@') {
        return said("the URL of the `curl` command holds a password: leave it out");
    }
    let first = authority.split('.').next().unwrap_or_default().to_ascii_uppercase();
    if guessed && OTHERS.contains(&&*first) && authority.contains('.') {
        return said(&format!(
            "`curl` asks `{authority}` by {first}, as no scheme stands before it: write the URL with `https://`"
        ));
    }
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.ends_with(']'));
    let odd = port.is_some_and(|port| port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()));
    if odd || !authority.is_ascii() {
        return said(&format!(
            "`{authority}` is no host with a port: write the URL with `https://`, and a name beyond ASCII as `xn--…`"
        ));
    }
    // `[::1]` is a host.
    let host = match authority.starts_with('[') && authority.matches(['[', ']']).count() == 2 {
        true => "",
        false => authority,
    };
    if !reading.globoff && [host, rest].iter().any(|part| part.contains(['{', '}', '[', ']'])) {
        return said(
            "`{…}` and `[…]` in the URL stand for several requests of `curl`: write the one that is meant, or \
             `--globoff` where they stand for themselves",
        );
    }
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let path = if path.is_empty() { "/" } else { path };
    if reading.as_is && added.is_some() && path.split('/').any(|segment| dots(segment).is_some()) {
        return said(
            "with `-G`, `curl` may take dots out of a path in spite of `--path-as-is`: write the data into the URL \
             itself",
        );
    }
    let path = if reading.as_is { path.to_owned() } else { without_dots(path)? };
    if let Some(beyond) = query.and_then(|query| query.chars().find(|found| !found.is_ascii())) {
        return said(&format!(
            "versions of `curl` differ in what they make of `{beyond}` in a query: write it as `{}`",
            encoded(&beyond.to_string()),
        ));
    }
    let query = match (query, added) {
        (None | Some(""), Some("")) => None,
        (Some(query), Some(added)) if query.is_empty() || query.ends_with('&') => {
            Some(format!("{query}{added}"))
        }
        (Some(query), Some(added)) => Some(format!("{query}&{added}")),
        (query, added) => query.or(added).map(str::to_owned),
    };
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    Ok(format!("{scheme}://{authority}{}", encoded(&format!("{path}{query}"))))
}

/// What is beyond ASCII, as curl sends it.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for found in text.chars() {
        if found.is_ascii() {
            encoded.push(found);
            continue;
        }
        let mut bytes = [0; 4];
        encoded.extend(found.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02x}")));
    }
    encoded
}

fn is_scheme(text: &str) -> bool {
    let mut all = text.chars();
    all.next().is_some_and(|first| first.is_ascii_alphabetic())
        && all.all(|found| found.is_ascii_alphanumeric() || "+-.".contains(found))
}

/// A path without its dot segments (RFC 3986, 5.2.4). Which versions of curl take `%2e` for a dot, they differ in.
fn without_dots(path: &str) -> Result<String, Failure> {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        if dots(segment).is_some_and(|plain| plain != segment) {
            return said(&format!(
                "versions of `curl` differ in what they make of `{segment}` in a path: write it without, or with \
                 `--path-as-is`"
            ));
        }
        match segment {
            ".." => drop(kept.pop()),
            "." => {}
            _ => {
                kept.push(segment);
                continue;
            }
        }
        // A path that ends in dots is that of a folder.
        if segments.peek().is_none() {
            kept.push("");
        }
    }
    Ok(format!("/{}", kept.join("/")))
}

/// A segment of dots, as it is once it is decoded.
fn dots(segment: &str) -> Option<&'static str> {
    match &*segment.to_ascii_lowercase().replace("%2e", ".") {
        "." => Some("."),
        ".." => Some(".."),
        _ => None,
    }
}

fn said<T>(why: &str) -> Result<T, Failure> {
    Err(Failure::Said(why.to_owned()))
}
