//! `long_lived_refresh`: a refresh token that nobody uses is good for more than 90 days.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::refresh;
use crate::durations::{DAY, NANOS, written};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "long_lived_refresh",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A refresh token is good for more than 90 days, or a session for more than a year.",
    why: "A device that was sold, lost or backed up still holds it, and so does whoever copied it \
          then. RFC 9700, 4.14.2, asks that a refresh token which is not used for some time \
          expires; the guide takes 7 days.",
    example: with_session!["access   access", "refresh  180d rotating at most 365d",],
    mend: "Let it end after some weeks without use, and the session after some months.",
    mended: with_session!["access   access", "refresh  30d rotating at most 180d",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let sessions = compilation.plans.iter().filter_map(|plan| plan.session.as_ref());
    let found = sessions.filter_map(|session| {
        let place = refresh(compilation).unwrap_or(session.span);
        let (idle, whole) = (session.refresh / NANOS, session.at_most.unwrap_or(0) / NANOS);
        let message = if idle > 90 * DAY {
            format!("a refresh token that nobody uses is good for {}", written(idle))
        } else if whole > 365 * DAY {
            format!("a session goes on for {} without a sign-in", written(whole))
        } else {
            return None;
        };
        Some(RULE.finding(place, message).help("write `refresh 7d rotating grace 10s at most 30d`"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_token_that_nobody_uses_ends() {
        let found =
            |refresh: &str| codes(&RULE.example().replace("180d rotating at most 365d", refresh));
        assert_eq!(found("90d rotating at most 365d"), [""; 0]);
        assert_eq!(found("91d rotating at most 365d"), ["long_lived_refresh"]);
        assert_eq!(found("30d rotating at most 366d"), ["long_lived_refresh"]);
        assert_eq!(found("91d rotating at most 99d waive long_lived_refresh \"a kiosk\""), [""; 0]);
    }
}
