//! `generous_grace`: a refresh token that was used is good for more than a minute longer.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::refresh;
use crate::durations::{MINUTE, NANOS, written};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "generous_grace",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A refresh token that was used gets its successor again for more than a minute.",
    why: "Two tabs and a lost answer are over in seconds. For as long as the grace a thief gets \
          the successor too, and neither of the two is noticed (RFC 9700, 4.14.2).",
    example: with_session!["access   access", "refresh  7d rotating grace 10m at most 30d",],
    mend: "Write `grace 10s`, or half a minute at most.",
    mended: with_session!["access   access", "refresh  7d rotating grace 10s at most 30d",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let sessions = compilation.plans.iter().filter_map(|plan| plan.session.as_ref());
    let found = sessions.filter_map(|session| {
        let place = refresh(compilation).unwrap_or(session.span);
        let grace = session.rotation?.grace / NANOS;
        let message =
            format!("a stolen refresh token is as good as its owner's for {}", written(grace));
        (grace > MINUTE).then(|| {
            RULE.finding(place, message).help("`grace 10s` lets two tabs and a lost answer pass")
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_minute_is_enough_for_a_lost_answer() {
        let found = |grace: &str| codes(&RULE.example().replace("10m", grace));
        assert_eq!(found("60s"), [""; 0]);
        assert_eq!(found("61s"), ["generous_grace"]);
        let waived = "at most 30d waive generous_grace \"ships at sea\"";
        assert_eq!(codes(&RULE.example().replace("at most 30d", waived)), [""; 0]);
    }
}
