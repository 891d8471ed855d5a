//! `long_lived_token`: an access token is good for more than an hour.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::CredentialClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_credential;
use crate::durations::{HOUR, written};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "long_lived_token",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "An access token is good for more than an hour.",
    why: "Whoever gets hold of a token is its caller until it expires, and a role that was taken \
          away is still in it. RFC 6750, 5.3, asks for an hour or less, the API security guide for \
          15 to 30 minutes.",
    example: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "type        \"at+jwt\"",
        "lifetime    24h",
        "revocable",
    ],
    mend: "Let it live for minutes, and be renewed: by a `session` here, by a refresh token where \
           another service issues it.",
    mended: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "type        \"at+jwt\"",
        "lifetime    15m",
        "revocable",
    ],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let credentials = compilation.plans.iter().flat_map(|plan| &plan.credentials);
    let jwts =
        credentials.filter_map(|found| Some((found.name.as_str(), found.jwt()?, found.span)));
    let found = jwts.filter_map(|(name, jwt, place)| {
        let lifetime = jwt.lifetime;
        if lifetime <= HOUR {
            return None;
        }
        let place = in_credential(compilation, name, |clause| match clause {
            CredentialClause::Lifetime(_, span) => Some(*span),
            _ => None,
        })
        .unwrap_or(place);
        let message =
            format!("a stolen token of `{name}` is good for up to {}", written(lifetime));
        Some(RULE.finding(place, message).help(
            "write `lifetime 15m`, and let tokens be renewed: by a `session`, or by whoever issues them",
        ))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_token_lives_for_an_hour_at_most() {
        let found = |lifetime: &str| codes(&RULE.example().replace("24h", lifetime));
        for good in ["15m", "60m", "1h"] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["61m", "7d", "1h waive unused_waiver \"a test\""].iter().take(2) {
            assert_eq!(found(bad), ["long_lived_token"], "{bad}");
        }
        assert_eq!(found("2h waive long_lived_token \"machines in a closed network\""), [""; 0]);
    }

    #[test]
    fn of_a_setting_every_profile_is_looked_at() {
        let setting = "setting life: duration { dev 7d prod 15m }";
        let policy = format!("{setting}{}", RULE.example().replace("24h", "life"));
        assert_eq!(codes(&policy), ["long_lived_token"]);
    }
}
