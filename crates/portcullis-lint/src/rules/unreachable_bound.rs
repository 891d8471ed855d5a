//! `unreachable_bound`: a text may be longer than what it comes in.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::fields::{Source, Taken, taken};
use crate::rule::{Owasp, Rule};
use crate::rules::generous_text::longest;

pub(crate) const RULE: Rule = Rule {
    name: "unreachable_bound",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A field takes more characters than its body has bytes, by `body_limit`, or, in a path or \
            a query string, than a target has (8,192).",
    why: "The bound never holds: longer texts are refused as `body_too_large` before it is asked. \
          Whoever mends that raises `body_limit` for every route, and never meant so long a text.",
    example: with_field!["note: string max 200_000",],
    mend: "Lower the `max` of the field; or raise `body_limit`, if it is meant.",
    mended: with_field!["note: string max 2_000",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

/// The longest target of a request, in bytes.
const TARGET: i64 = 8_192;

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let longest = taken.rules().into_iter().filter_map(longest).max()?;
    let (field, room) = (taken.field, room(taken)?);
    let message = format!(
        "`{}` may be {longest} characters long, and what it comes in {room} bytes",
        field.name
    );
    is_unreachable(taken, longest)
        .then(|| RULE.finding(field.span, message).help("lower its `max` below that"))
}

/// Whether a text of this length never comes through: a character has a byte at least.
pub(super) fn is_unreachable(taken: Taken<'_>, longest: i64) -> bool {
    room(taken).is_some_and(|room| longest > room)
}

fn room(taken: Taken<'_>) -> Option<i64> {
    match taken.source {
        Source::Body => i64::try_from(taken.plan.transport.body_limit).ok(),
        Source::Params | Source::Query => Some(TARGET),
        Source::Header => None,
    }
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
    fn a_text_fits_into_its_body() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("200_000", "65_537"), ["unreachable_bound"]);
        assert_eq!(found("200_000", "65_536"), ["generous_text"]);
        let larger = "hosts [\"library.example\"] body_limit 1MiB";
        assert_eq!(found("hosts [\"library.example\"]", larger), ["generous_text"]);
        assert_eq!(found("200_000", "9_000"), [""; 0]);
        let waived = "200_000 waive unreachable_bound \"the proxy unpacks it\"";
        assert_eq!(found("200_000", waived), [""; 0]);
    }

    #[test]
    fn and_into_its_target() {
        let query = RULE.example().replace("POST", "GET").replace("body ", "query");
        assert_eq!(codes(&query.replace("200_000", "8_193")), ["unreachable_bound"]);
        assert_eq!(codes(&query.replace("200_000", "8_192")), [""; 0]);
    }
}
