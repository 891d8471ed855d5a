//! `endless_session`: a session lasts for as long as it is used.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::refresh;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "endless_session",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A `session` has no end: it goes on for as long as it is refreshed.",
    why: "A stolen one that is used does as well. NIST SP 800-63B, 4.1.3, asks that a caller signs \
          in anew every 30 days, however active they are.",
    example: with_session!["access   access", "refresh  7d rotating",],
    mend: "Write `at most` and when callers have to sign in again.",
    mended: with_session!["access   access", "refresh  7d rotating at most 30d",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let sessions = compilation.plans.iter().filter_map(|plan| plan.session.as_ref());
    let found = sessions.filter_map(|session| {
        let place = refresh(compilation).unwrap_or(session.span);
        session.at_most.is_none().then(|| {
            RULE.finding(place, "a session that is used never ends, a stolen one neither")
                .help("write `at most 30d` behind it")
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_session_ends() {
        let found = |refresh: &str| codes(&RULE.example().replace("7d rotating", refresh));
        assert_eq!(found("7d rotating grace 5s"), ["endless_session"]);
        assert_eq!(found("7d rotating at most 7d"), [""; 0]);
        assert_eq!(found("7d rotating waive endless_session \"a wall display\""), [""; 0]);
    }
}
