//! `secret_in_url`: a secret is sent where everybody on the way writes it down.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Field;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};
use crate::words::{is_secret_name, words};

pub(crate) const RULE: Rule = Rule {
    name: "secret_in_url",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication, Owasp::Misconfiguration],
    finds: "A query string or a path takes a password, a PIN, an API key or an access token.",
    why: "URLs are kept: in the logs of every server and proxy on the way, in the browser's history, in `Referer`. RFC 9700 \
          (4.3.2) forbids access tokens there. A `token` that is good once, as in a link of a mail, is not reported.",
    example: r#"
transport { hosts ["library.example"] }

route GET /books {
    public
    query    { api_key: string max 64 }
    returns  nothing
}
"#,
    mend: "Take it from the body, or from `Authorization`, by a `credential`.",
    mended: with_access!(
        r#"
role reader { read:books }

route GET /books {
    accept   [access]
    needs    read:books
    returns  nothing
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
        let query = route.query.iter().flat_map(|shape| &shape.fields);
        let params = route.params.iter().map(|parameter| &parameter.field);
        for field in query.chain(params).filter(|field| is_lasting(field)) {
            let message = format!("`{}` stands in the URL, which is written down", field.name);
            let help = "take it from the body, or accept a `credential`";
            found.push(RULE.finding(field.span, message).help(help));
        }
    }
    found.sort_by_key(|finding: &Diagnostic| finding.span());
    found.dedup_by_key(|finding| finding.span());
    found
}

/// Whether a field holds a secret that is good more than once.
fn is_lasting(field: &Field) -> bool {
    let words = words(&field.name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let once = has(&["token", "otp", "totp", "code"])
        && !has(&["access", "refresh", "auth", "bearer", "api", "session"]);
    is_secret_name(&field.name) && !once
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn no_secret_stands_in_a_url() {
        let found = |path: &str, clause: &str| {
            count(
                "secret_in_url",
                &format!("route GET {path} {{ public {clause} returns nothing }}"),
            )
        };
        for name in ["password", "api_key", "access_token", "pin"] {
            assert_eq!(found("/a", &format!("query {{ {name}: string max 9 }}")), 1, "{name}");
            let path = format!("/a/{{{name}}}");
            assert_eq!(found(&path, &format!("params {{ {name}: string max 9 }}")), 1, "{name}");
        }
        for name in ["token", "reset_token", "page_token", "name", "key"] {
            assert_eq!(found("/a", &format!("query {{ {name}: string max 9 }}")), 0, "{name}");
        }
        assert_eq!(found("/a", "query { pin: string max 9 } waive secret_in_url \"a test\""), 0);
    }
}
