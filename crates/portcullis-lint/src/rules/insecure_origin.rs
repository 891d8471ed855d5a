//! `insecure_origin`: `cors` lets a page read answers that came to its reader over plain HTTP.

use std::net::{Ipv4Addr, Ipv6Addr};

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use super::origins;

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "insecure_origin",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "`cors` lets a page read answers that came to its reader over plain HTTP.",
    why: "Whoever sits between such a page and its reader writes the page, and reads with it \
          whatever the reader may (RFC 6454, 8.2): the service's own HTTPS is undone.",
    example: r#"
transport { hosts ["library.example"] }

cors { origins ["http://app.library.example"] }
"#,
    mend: "Write `https`. The reader's own machine (`localhost`, `127.0.0.1`, `[::1]`) has nobody \
           between.",
    mended: r#"
transport { hosts ["library.example"] }

cors { origins ["https://app.library.example"] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let plain = origins(compilation).into_iter().filter_map(|(origin, place)| {
        let host = origin.host("http://")?;
        let message = format!("a page of `{origin}` is written by whoever is in between");
        (!is_loopback(host)).then(|| {
            RULE.finding(place, message)
                .help(format!("write `https://{host}`, if the page is served so"))
        })
    });
    plain.collect()
}

/// The reader's own machine (RFC 6761, 6.3; W3C Secure Contexts, 3.1).
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || bare.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn pages_come_by_https_or_from_the_readers_own_machine() {
        let cors = |clauses: &str| {
            format!("transport {{ hosts [\"a.example\"] }} cors {{ origins {clauses} }}")
        };
        for good in [
            "https://b.example",
            "http://localhost:3000",
            "http://x.localhost",
            "http://127.0.0.1:8080",
            "http://[::1]",
        ] {
            assert_eq!(codes(&cors(&format!("[\"{good}\"]"))), [""; 0], "{good}");
        }
        for bad in ["http://b.example", "http://10.0.0.1", "http://[::2]:80000"] {
            let bad = bad.replace(":80000", ":8080");
            assert_eq!(codes(&cors(&format!("[\"{bad}\"]"))), ["insecure_origin"], "{bad}");
        }
        let setting =
            "setting web: [string] { a [\"https://b.example\"] b [\"http://b.example\"] }";
        assert_eq!(codes(&format!("{setting}{}", cors("web"))), ["insecure_origin"]);
        let waived = "[\"http://b.example\"] waive insecure_origin \"an intranet without names\"";
        assert_eq!(codes(&cors(waived)), [""; 0]);
    }
}
