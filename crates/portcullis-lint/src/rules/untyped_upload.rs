//! `untyped_upload`: a route takes bytes of any kind.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Body, BodyKind};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "untyped_upload",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption, Owasp::Misconfiguration],
    finds: "A `body raw` names no media types.",
    why: "Whatever is sent is stored, and handed out again as whatever it is: a page with script, \
          a program (OWASP Unrestricted File Upload). A list of types is the first of the checks.",
    example: with_access!(
        r#"
budget per_address { limit 60 per 1m  key request.ip }

route POST /photos {
    accept   [access]
    signed_in
    body     raw max 2MiB
    budget   [per_address]
    returns  nothing
}
"#
    ),
    mend: "Name the media types that the handler reads.",
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

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let routes = compilation.plans.iter().flat_map(|plan| &plan.routes);
    let live = routes.filter(|route| route.retired.is_none());
    let untyped = live.filter_map(|route| match route.body.as_ref()? {
        Body { kind: BodyKind::Raw { types, .. }, span } if types.is_empty() => Some(
            RULE.finding(*span, "bytes of any kind are taken")
                .help("name the media types behind it: `types [\"image/png\", \"image/jpeg\"]`"),
        ),
        _ => None,
    });
    untyped.collect()
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
    fn bytes_are_of_a_kind() {
        let found = |body: &str| codes(&RULE.example().replace("raw max 2MiB", body));
        assert_eq!(found("raw max 2MiB types [\"image/png\"]"), [""; 0]);
        assert_eq!(found("{ a: int }"), [""; 0]);
        assert_eq!(found("raw max 2MiB waive untyped_upload \"a store of files\""), [""; 0]);
    }
}
