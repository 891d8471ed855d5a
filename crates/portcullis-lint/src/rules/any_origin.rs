//! `any_origin`: pages of every origin may send tokens and read the answers.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Origins, Plan};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "any_origin",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "`cors` lets in every origin, and its `headers` grant `Authorization`.",
    why: "Any page may then use whatever token it got hold of, from its reader's browser and with \
          its reader's address. An open API of public data needs no `Authorization`; one with \
          callers knows its pages (the guide: \"Missing CORS Configuration\").",
    example: r#"
transport { hosts ["library.example"] }

cors {
    origins  ["*"]
    headers  ["Authorization"]
}
"#,
    mend: "Name the origins. For public data take `Authorization` out of `headers`.",
    mended: r#"
transport { hosts ["library.example"] }

cors {
    origins  ["https://app.library.example"]
    headers  ["Authorization"]
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().filter_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Option<Diagnostic> {
    let cors = plan.cors.as_ref().filter(|cors| cors.origins == Origins::Any)?;
    let sent = cors.headers.iter().any(|name| name.eq_ignore_ascii_case("Authorization"));
    sent.then(|| {
        RULE.finding(
            cors.places.origins,
            "a page of any origin may use a token here, and read the answer",
        )
        .and(cors.places.headers, "tokens may be sent by this")
        .help("name the origins of your pages")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn who_sends_tokens_is_known() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("Authorization", "Content-Type"), [""; 0]);
        assert_eq!(found("Authorization", "authorization"), ["any_origin"]);
        assert_eq!(
            found("cors {", "cors { waive any_origin \"tokens are bound to a key\""),
            [""; 0]
        );
    }
}
