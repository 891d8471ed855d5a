//! `loosened_header`: a header that keeps browsers in is loosened to where it keeps nothing.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{HeadersClause, Item, ValueKind};
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::items;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "loosened_header",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "A clause of `headers` has browsers do less than they would without the header: \
            `referrer_policy` `unsafe_url` or `no_referrer_when_downgrade`, \
            `cross_origin_opener_policy` or `cross_origin_embedder_policy` `unsafe_none`, \
            `permitted_cross_domain_policies` `all` or `by_content_type`.",
    why: "The defaults are the list of the OWASP Secure Headers Project. Whole URLs with the ids \
          in them then go to other sites as `Referer`, or windows of other origins hold on to the \
          page (HTML standard, 7.1.3).",
    example: r#"
transport { hosts ["library.example"] }

headers { referrer_policy unsafe_url }
"#,
    mend: "Take the clause away, or say the strictest word that your pages work with.",
    mended: r#"
transport { hosts ["library.example"] }

headers { referrer_policy strict_origin }
"#,
    check: Some(check),
};

/// What is said, and what comes of it.
const LOOSE: &[(&str, &str, &str)] = &[
    ("referrer_policy", "unsafe_url", "whole URLs go to every other site"),
    ("referrer_policy", "no_referrer_when_downgrade", "whole URLs go to every other site"),
    ("cross_origin_opener_policy", "unsafe_none", "windows of other origins hold on to the page"),
    ("cross_origin_embedder_policy", "unsafe_none", "what did not agree to it is embedded"),
    ("permitted_cross_domain_policies", "all", "any file may grant other domains access"),
    (
        "permitted_cross_domain_policies",
        "by_content_type",
        "any file may grant other domains access",
    ),
];

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let clauses = items(compilation).flat_map(|item| match item {
        Item::Headers(headers) => headers.clauses.as_slice(),
        _ => &[],
    });
    let found = clauses.filter_map(|limited| {
        let HeadersClause::Set { header, value } = &limited.clause else {
            return None;
        };
        let ValueKind::Name(word) = &value.node else {
            return None;
        };
        let (_, _, what) =
            LOOSE.iter().find(|(name, loose, _)| *name == header.node && loose == word)?;
        let message = format!("with `{word}` {what}");
        Some(RULE.finding(limited.span, message).help("take it away: the default is stricter"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_header_keeps_something() {
        let found =
            |clause: &str| codes(&RULE.example().replace("referrer_policy unsafe_url", clause));
        for good in [
            "referrer_policy same_origin",
            "cross_origin_resource_policy cross_origin",
            "frame_options same_origin",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["cross_origin_opener_policy unsafe_none", "permitted_cross_domain_policies all"]
        {
            assert_eq!(found(bad), ["loosened_header"], "{bad}");
        }
        assert_eq!(found("referrer_policy unsafe_url waive loosened_header \"a mirror\""), [""; 0]);
    }
}
