//! `unrotated_refresh`: a refresh token is good again and again.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::refresh;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unrotated_refresh",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A `session` does not rotate its refresh tokens.",
    why: "Who copies such a token stays signed in beside its owner, and nobody notices. A token \
          that is good once is noticed when it comes a second time, and the session ends (RFC \
          9700, 4.14.2; the API security guide: \"Token rotation\").",
    example: with_session!["access   access", "refresh  7d at most 30d",],
    mend: "Write `rotating`, with a few seconds of `grace` for answers that are lost.",
    mended: with_session!["access   access", "refresh  7d rotating grace 10s at most 30d",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let sessions = compilation.plans.iter().filter_map(|plan| plan.session.as_ref());
    let found = sessions.filter_map(|session| {
        let place = refresh(compilation).unwrap_or(session.span);
        session.rotation.is_none().then(|| {
            RULE.finding(place, "a copied refresh token is good for as long as the owner's")
                .help("write `rotating grace 10s` behind its duration")
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_refresh_token_is_good_once() {
        let found = |refresh: &str| codes(&RULE.example().replace("7d at", refresh));
        assert_eq!(found("7d rotating at"), [""; 0]);
        assert_eq!(found("7d rotating grace 5s at"), [""; 0]);
        assert_eq!(found("1d at"), ["unrotated_refresh"]);
        let waived = "at most 30d waive unrotated_refresh \"one device, bound to its key\"";
        assert_eq!(codes(&RULE.example().replace("at most 30d", waived)), [""; 0]);
    }
}
