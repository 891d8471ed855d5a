//! `generous_leeway`: clocks may differ by more than a minute.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::CredentialClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_credential;
use crate::durations::{MINUTE, written};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "generous_leeway",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A credential lets clocks differ by more than a minute.",
    why: "For as long as that a token is good after it has expired, and one that was revoked stays \
          on the list. Clocks that keep time (NTP) differ by well below a second.",
    example: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "type        \"at+jwt\"",
        "lifetime    15m",
        "leeway      5m",
    ],
    mend: "Write `leeway 30s` or less, and keep the clocks.",
    mended: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "type        \"at+jwt\"",
        "lifetime    15m",
        "leeway      30s",
    ],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let credentials = compilation.plans.iter().flat_map(|plan| &plan.credentials);
    let jwts =
        credentials.filter_map(|found| Some((found.name.as_str(), found.jwt()?, found.span)));
    let found = jwts.filter_map(|(name, jwt, place)| {
        if jwt.leeway <= MINUTE {
            return None;
        }
        let place = in_credential(compilation, name, |clause| match clause {
            CredentialClause::Leeway(_, span) => Some(*span),
            _ => None,
        })
        .unwrap_or(place);
        let message =
            format!("a token of `{name}` is good for {} after it has expired", written(jwt.leeway));
        Some(RULE.finding(place, message).help("write `leeway 30s`, and let the clocks keep time"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn clocks_differ_by_a_minute_at_most() {
        let found = |leeway: &str| codes(&RULE.example().replace("5m\n", leeway));
        assert_eq!(found("60s"), [""; 0]);
        assert_eq!(found("61s"), ["generous_leeway"]);
        assert_eq!(found("2m waive generous_leeway \"devices without a clock\""), [""; 0]);
    }
}
