//! The media type of a body.

/// Whether a `Content-Type` is JSON in UTF-8. No other type is read as JSON: a form that a browser
/// sends across origins without asking (Fetch, CORS-safelisted) must not pass for one.
pub(crate) fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';');
    let essence = parts.next().unwrap_or("").trim_matches([' ', '\t']);
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| {
            let parameter = parameter.trim_matches([' ', '\t']);
            let Some((name, value)) = parameter.split_once('=') else {
                return false;
            };
            let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_utf_8_and_nothing_else() {
        for json in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
        ] {
            assert!(is_json(json), "{json}");
        }
        for other in [
            "",
            "text/plain",
            "application/jsonx",
            "application/json; charset=latin1",
            "application/json; x=y",
            "application/json;",
            "text/plain; application/json",
            "application/json, text/plain",
            "application/problem+json",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }
}
