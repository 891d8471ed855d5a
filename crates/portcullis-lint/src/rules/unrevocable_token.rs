//! `unrevocable_token`: a token is good for more than a quarter of an hour and cannot be taken back.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::CredentialClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_credential;
use crate::durations::{MINUTE, written};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unrevocable_token",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A token is good for more than 15 minutes, and nothing can take it back before.",
    why: "Who signs out, changes a stolen password or loses a role goes on being whoever the token \
          says. A short life is one answer, a list of revoked tokens the other; the API security \
          guide asks for both.",
    example: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "type        \"at+jwt\"",
        "lifetime    1h",
    ],
    mend: "Add `revocable`: tokens must then have a `jti`, and the store is asked about it. Or let \
           them live for 15 minutes at most.",
    mended: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "type        \"at+jwt\"",
        "lifetime    1h",
        "revocable",
    ],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let credentials = compilation.plans.iter().flat_map(|plan| &plan.credentials);
    let jwts =
        credentials.filter_map(|found| Some((found.name.as_str(), found.jwt()?, found.span)));
    let found = jwts.filter_map(|(name, jwt, place)| {
        if jwt.revocable.is_some() || jwt.lifetime <= 15 * MINUTE {
            return None;
        }
        let place = in_credential(compilation, name, |clause| match clause {
            CredentialClause::Lifetime(_, span) => Some(*span),
            _ => None,
        })
        .unwrap_or(place);
        let lifetime = written(jwt.lifetime);
        let message =
            format!("a token of `{name}` is good for {lifetime}, and nothing takes it back");
        Some(RULE.finding(place, message).help("add `revocable`, or write `lifetime 15m`"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn what_lives_long_can_be_taken_back() {
        let found = |lifetime: &str| codes(&RULE.example().replace("1h", lifetime));
        assert_eq!(found("15m"), [""; 0]);
        assert_eq!(found("16m"), ["unrevocable_token"]);
        assert_eq!(found("16m revocable"), [""; 0]);
        assert_eq!(found("1h waive unrevocable_token \"the issuer has no `jti`\""), [""; 0]);
    }
}
