//! URLs as the URL standard reads them.

const LONGEST: usize = 2048;

/// The URL in the one form that the standard writes it in.
pub(super) fn url(text: &str) -> Option<String> {
    let is_refused = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    // The standard would take `http:a.example` and `http:///a.example` for `http://a.example/`:
    // neither is an absolute URL to anybody else.
    let (before, behind) = text.split_once("://")?;
    if text.chars().count() > LONGEST || text.contains(is_refused) || behind.starts_with('/') {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    let is_web = matches!(before.to_ascii_lowercase().as_str(), "http" | "https");
    // Not only where the standard finds credentials: it forgets the empty ones of `http://@a.example`.
    let host_ends = behind.find(['/', '?', '#']).unwrap_or(behind.len());
    let has_credentials = behind.char_indices().any(|(at, c)| c == '@' && at < host_ends);
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    let text = url.to_string();
    (is_web && has_host && !has_credentials && text.chars().count() <= LONGEST).then_some(text)
}
