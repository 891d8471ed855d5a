//! `short_hsts`: browsers forget within a year to come over HTTPS.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{Item, TransportClause};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::declared::items;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "short_hsts",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "`hsts` is for less than 365 days in a profile that requires HTTPS.",
    why: "Whoever comes back later starts over plain HTTP again. The guide asks for a year \
          (`maxAge: 31536000`), and so does the list that browsers ship with (hstspreload.org).",
    example: r#"
transport { hosts ["library.example"]  hsts 7d }
"#,
    mend: "Write `hsts 365d`, once a short one has shown that nothing breaks.",
    mended: r#"
transport { hosts ["library.example"]  hsts 365d }
"#,
    check: Some(check),
};

const YEAR: u64 = 365 * 24 * 60 * 60;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let strict = compilation.plans.iter().filter(|plan| plan.transport.https);
    let short = strict.filter(|plan| {
        let told = plan.transport.hsts.as_deref().and_then(max_age);
        told.is_some_and(|age| age < YEAR)
    });
    let found = short.filter_map(|plan| {
        let place = place(compilation, &plan.profile)?;
        let message = format!("in profile `{}` browsers forget HTTPS within a year", plan.profile);
        Some(RULE.finding(place, message).help("write `hsts 365d`"))
    });
    found.collect()
}

fn max_age(value: &str) -> Option<u64> {
    value.split(';').find_map(|part| part.trim().strip_prefix("max-age="))?.parse().ok()
}

/// The clause that holds in a profile: one that names it goes first.
fn place(compilation: &Compilation, profile: &str) -> Option<Span> {
    let clauses = items(compilation).flat_map(|item| match item {
        Item::Transport(found) => found.clauses.as_slice(),
        _ => &[],
    });
    let all = clauses.filter_map(|clause| match clause {
        TransportClause::Hsts { profiles, span, .. } => Some((profiles, *span)),
        _ => None,
    });
    let named = all.clone().find(|(profiles, _)| profiles.iter().any(|name| name.node == profile));
    let found = named.or_else(|| all.clone().find(|(profiles, _)| profiles.is_empty()));
    found.map(|(_, span)| span)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn https_is_remembered_for_a_year() {
        let found = |hsts: &str| codes(&RULE.example().replace("hsts 7d", hsts));
        assert_eq!(found("hsts 364d"), ["short_hsts"]);
        assert_eq!(found("hsts 365d"), [""; 0]);
        assert_eq!(found("hsts 7d waive short_hsts \"until the move is over\""), [""; 0]);
    }

    #[test]
    fn every_profile_has_its_own() {
        let found = |hsts: &str| codes(&RULE.example().replace("hsts 7d", hsts));
        assert_eq!(found("hsts 365d hsts 1s in dev https off in dev"), [""; 0]);
        assert_eq!(found("hsts 365d hsts 1d in live"), ["short_hsts"]);
    }
}
