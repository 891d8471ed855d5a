//! `missing_hsts`: browsers are not told to come over HTTPS.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "missing_hsts",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "A policy sends no `Strict-Transport-Security` in a profile that requires HTTPS, and \
            browsers send it cookies: its `session` has one, or `cors` lets `credentials` in.",
    why: "The first request of a visit goes over plain HTTP, and whoever sits between answers it: \
          the redirect never comes, and what is typed is read (RFC 6797, 2.3.1; the guide: HSTS \
          for a year).",
    example: r#"
transport { hosts ["library.example"] }

cors {
    origins ["https://app.library.example"]
    credentials
}
"#,
    mend: "Write `hsts 365d subdomains` in `transport`, once every subdomain is served over HTTPS.",
    mended: r#"
transport { hosts ["library.example"]  hsts 365d subdomains }

cors {
    origins ["https://app.library.example"]
    credentials
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().filter_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Option<Diagnostic> {
    let cookie = plan.session.as_ref().filter(|session| session.cookie.is_some());
    let page = plan.cors.as_ref().filter(|cors| cors.credentials);
    let place = cookie.map(|session| session.span).or(page.map(|cors| cors.places.origins))?;
    let transport = &plan.transport;
    let message =
        format!("in profile `{}` nothing tells browsers to come over HTTPS", plan.profile);
    (transport.https && transport.hsts.is_none())
        .then(|| RULE.finding(place, message).help("add `hsts 365d subdomains` to `transport`"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn browsers_come_over_https() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("credentials", ""), [""; 0]);
        let waived = "credentials waive missing_hsts \"the proxy sends it\"";
        assert_eq!(found("credentials", waived), [""; 0]);
        let session = with_session![
            "access   access",
            "refresh  7d rotating at most 30d",
            "cookie \"r\" path /auth",
        ];
        assert_eq!(codes(session), [""; 0]);
        assert_eq!(codes(&session.replace("hsts 365d subdomains", "")), ["missing_hsts"]);
        let only = "hsts 365d in a https off in dev";
        assert_eq!(codes(&session.replace("hsts 365d subdomains", only)), [""; 0]);
    }
}
