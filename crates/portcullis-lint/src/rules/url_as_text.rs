//! `url_as_text`: a URL comes in as text.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{self, FieldType, Type};
use portcullis_syntax::{Diagnostic, Severity};

use crate::fields::{Taken, taken};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "url_as_text",
    level: Severity::Warning,
    owasp: &[Owasp::ServerSideRequestForgery],
    finds: "A field called `…_url` or `…_uri` is a `string` that no list and no regular expression \
            limits.",
    why: "As text it may be `javascript:…`, `file:///etc/passwd` or a host inside: whoever links \
          to it or fetches it does what the client wrote (OWASP API7). The type `url` takes `http` \
          and `https` with a host, in one spelling.",
    example: with_field!["cover_url: string max 200",],
    mend: "Give it the type `url`; where the service fetches it, `url through` an `outbound` as \
           well.",
    mended: with_field!["cover_url: url",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let field = taken.field;
    let named = matches!(field.name.rsplit('_').next(), Some("url" | "uri" | "urls" | "uris"));
    let free = |rule: &plan::Rule| {
        rule.kind == FieldType::Plain(Type::String)
            && rule.constraints.one_of.is_empty()
            && rule.constraints.matching.is_none()
            && rule.constraints.format.is_none()
    };
    let message = format!("`{}` is a URL by its name, and any text by its type", field.name);
    (named && taken.rules().into_iter().any(free)).then(|| {
        RULE.finding(field.span, message)
            .help("write `url`, and `through` an `outbound` if it is fetched")
    })
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
    fn a_url_has_its_type() {
        let found =
            |field: &str| codes(&RULE.example().replace("cover_url: string max 200", field));
        for good in [
            "url: url",
            "cover_url: string one of [\"a\"]",
            "curl: string max 9",
            "uri: string matching /^a{1,5}$/",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["uri: string max 200", "urls: [string max 200] max 3"] {
            assert_eq!(found(bad), ["url_as_text"], "{bad}");
        }
        assert_eq!(found("uri: string max 9 waive url_as_text \"a path of ours\""), [""; 0]);
    }
}
