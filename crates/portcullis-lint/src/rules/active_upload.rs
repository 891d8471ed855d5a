//! `active_upload`: a route takes files that run script in a browser.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Body, BodyKind};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "active_upload",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "A `body raw` takes HTML, SVG, XML or script.",
    why: "Where such a file is handed out again under the service's own name, what is in it runs \
          there, as whoever looks at it: stored cross-site scripting (OWASP File Upload Cheat \
          Sheet).",
    example: with_access!(
        r#"
budget per_address { limit 60 per 1m  key request.ip }

route POST /photos {
    accept   [access]
    signed_in
    body     raw max 2MiB types ["image/png", "image/svg+xml"]
    budget   [per_address]
    returns  nothing
}
"#
    ),
    mend: "Take pictures as PNG, JPEG, WebP or AVIF. What has to be taken is handed out from \
           another domain, with `Content-Disposition: attachment`.",
    mended: with_access!(
        r#"
budget per_address { limit 60 per 1m  key request.ip }

route POST /photos {
    accept   [access]
    signed_in
    body     raw max 2MiB types ["image/png"]
    budget   [per_address]
    returns  nothing
}
"#
    ),
    check: Some(check),
};

/// What browsers run script out of.
const ACTIVE: &[&str] = &[
    "application/ecmascript",
    "application/javascript",
    "application/xhtml+xml",
    "application/xml",
    "image/svg+xml",
    "text/ecmascript",
    "text/html",
    "text/javascript",
    "text/xml",
];

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let routes = compilation.plans.iter().flat_map(|plan| &plan.routes);
    let live = routes.filter(|route| route.retired.is_none());
    let bodies = live.filter_map(|route| match route.body.as_ref()? {
        Body { kind: BodyKind::Raw { types, .. }, span } => Some((types, *span)),
        _ => None,
    });
    let found = bodies.filter_map(|(types, place)| {
        let active = types.iter().find(|found| ACTIVE.contains(&found.as_str()))?;
        let message = format!("`{active}` may hold script, which runs where it is handed out");
        Some(RULE.finding(place, message).help("take it away, or hand it out from another domain"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn a_picture_holds_no_script() {
        let found = |kind: &str| codes(&RULE.example().replace("image/svg+xml", kind));
        assert_eq!(found("image/webp"), [""; 0]);
        assert_eq!(found("application/json"), [""; 0]);
        assert_eq!(found("text/html"), ["active_upload"]);
        let waived = "signed_in waive active_upload \"it is never handed out\"";
        assert_eq!(codes(&RULE.example().replace("signed_in", waived)), [""; 0]);
    }
}
