//! The media types of bodies.

/// Whether a `Content-Type` says JSON in UTF-8: `application/json`, perhaps with the parameter
/// `charset=utf-8` (RFC 9110, 8.3.1).
///
/// Anything more is refused. A list of types, another charset or an unknown parameter is a way to
/// have a browser send a cross-origin request without preflight, or a body read in two ways.
pub(crate) fn is_json(content_type: &str) -> bool {
    is_in_utf8("application/json", content_type)
}

/// The same of a form (WHATWG URL, 5).
pub(crate) fn is_form(content_type: &str) -> bool {
    is_in_utf8("application/x-www-form-urlencoded", content_type)
}

/// The type and subtype of bytes that are not looked into, whatever parameters stand behind.
pub(crate) fn essence(content_type: &str) -> &str {
    trim(content_type.split(';').next().unwrap_or(""))
}

fn is_in_utf8(wanted: &str, content_type: &str) -> bool {
    let parameter = content_type.split_once(';').map(|(_, parameter)| parameter);
    essence(content_type).eq_ignore_ascii_case(wanted) && parameter.is_none_or(is_utf8)
}

fn is_utf8(parameter: &str) -> bool {
    // No white space may stand around the `=` (RFC 9110, 5.6.6).
    let Some((name, value)) = trim(parameter).split_once('=') else {
        return false;
    };
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    name.eq_ignore_ascii_case("charset") && unquoted.unwrap_or(value).eq_ignore_ascii_case("utf-8")
}

/// Strips optional white space, which in HTTP is no other than blanks and tabs.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::is_json;

    #[test]
    fn json_in_utf8_is_taken() {
        for value in [
            "application/json",
            "Application/JSON",
            " application/json\t",
            "application/json;charset=utf-8",
            "application/json ;\t charset=UTF-8 ",
            "application/json; Charset=\"Utf-8\"",
        ] {
            assert!(is_json(value), "{value}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for value in [
            "",
            "application/json;",
            "application/json; ",
            "application/json;;charset=utf-8",
            "application/json; charset=utf-8;",
            "application/json; charset=utf-8; charset=utf-8",
            "application/json; charset=utf8",
            "application/json; charset=utf-16",
            "application/json; charset=",
            "application/json; charset=\"utf-8",
            "application/json; charset=utf-8\"",
            "application/json; charset=\"\"utf-8\"\"",
            "application/json; charset='utf-8'",
            "application/json; charset = utf-8",
            "application/json; charset",
            "application/json; boundary=x",
            "application/json; charset=utf-8; x=y",
            "application/json, text/plain",
            "text/plain; application/json",
            "text/json",
            "application/jsonp",
            "application/json5",
            "application/problem+json",
            "application/ json",
            "application/json\u{a0}",
            "application/json\n",
            "application/json\0",
        ] {
            assert!(!is_json(value), "{value}");
        }
    }

    proptest! {
        #[test]
        fn random_text_never_panics(value in ".{0,60}") {
            let _ = is_json(&value);
        }
    }
}
