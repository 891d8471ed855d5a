//! `public_suffix_origin`: `cors` names a domain under which anybody may have a name.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use super::origins;

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "public_suffix_origin",
    level: Severity::Error,
    owasp: &[Owasp::Misconfiguration],
    finds: "`cors` names a domain under which anybody may have a name.",
    why: "`https://github.io` is nobody's page. What was meant is a name under it, and whoever \
          mends that by a wildcard elsewhere lets every customer of it in. An origin that is never \
          sent grants nothing, and reads as if it did.",
    example: r#"
transport { hosts ["library.example"] }

cors { origins ["https://github.io"] }
"#,
    mend: "Write the whole name of the page's own host. The suffixes are those of the Public Suffix \
           List (publicsuffix.org).",
    mended: r#"
transport { hosts ["library.example"] }

cors { origins ["https://our-library.github.io"] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let public = origins(compilation).into_iter().filter_map(|(origin, place)| {
        let host = origin.host("https://").or_else(|| origin.host("http://"))?;
        let suffix = psl::suffix(host.as_bytes())?;
        let message = format!("`{host}` is a public suffix, under which anybody may have a name");
        (suffix.is_known() && suffix.as_bytes() == host.as_bytes()).then(|| {
            RULE.finding(place, message)
                .help(format!("name the page's own host: `https://our-name.{host}`"))
        })
    });
    public.collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn an_origin_is_of_somebody() {
        let cors = |origin: &str, more: &str| {
            format!(
                "transport {{ hosts [\"a.example\"] }} cors {{ origins [\"{origin}\"] {more} }}"
            )
        };
        for good in [
            "https://shop.example",
            "https://our-shop.github.io",
            "https://example.co.uk",
            "http://localhost:3000",
            "https://127.0.0.1",
            "https://[::1]",
            "https://intranet",
        ] {
            assert_eq!(codes(&cors(good, "")), [""; 0], "{good}");
        }
        for bad in ["https://com", "https://github.io", "https://co.uk:8443"] {
            assert_eq!(codes(&cors(bad, "")), ["public_suffix_origin"], "{bad}");
        }
        let waived = "waive public_suffix_origin \"the registry's own page\"";
        assert_eq!(codes(&cors("https://co.uk", waived)), [""; 0]);
    }
}
