//! `mixed_algorithms`: a credential takes signatures of a shared secret and of a key pair.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::CredentialClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_credential;
use crate::rule::{Owasp, Rule};
use crate::rules::shared_secret::is_symmetric;

pub(crate) const RULE: Rule = Rule {
    name: "mixed_algorithms",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A credential takes signatures that are made with a shared secret (`HS…`) and signatures \
            of a key pair.",
    why: "Whoever verifies the one can make it, and whoever verifies the other cannot: one issuer \
          has no use for both. Taking both is where the public key was once used as the secret \
          (RFC 8725, 2.1 and 3.1); a key serves one algorithm here, but somewhere a second key has \
          to be kept secret for it.",
    example: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA, HS256]",
        "type        \"at+jwt\"",
        "lifetime    15m",
    ],
    mend: "Name what the issuer signs with today, and no more.",
    mended: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "type        \"at+jwt\"",
        "lifetime    15m",
    ],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let credentials = compilation.plans.iter().flat_map(|plan| &plan.credentials);
    let jwts =
        credentials.filter_map(|found| Some((found.name.as_str(), found.jwt()?, found.span)));
    let found = jwts.filter_map(|(name, jwt, place)| {
        let symmetric = jwt.algorithms.iter().find(|found| is_symmetric(**found))?;
        let other = jwt.algorithms.iter().find(|found| !is_symmetric(**found))?;
        let place = in_credential(compilation, name, |clause| match clause {
            CredentialClause::Algorithms(_, span) => Some(*span),
            _ => None,
        })
        .unwrap_or(place);
        let message = format!(
            "`{name}` takes {}, which a shared secret makes, beside {}",
            symmetric.as_str(),
            other.as_str()
        );
        Some(RULE.finding(place, message).help("keep the one that the issuer signs with"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn an_issuer_signs_in_one_way() {
        let found = |algorithms: &str| codes(&RULE.example().replace("[EdDSA, HS256]", algorithms));
        assert_eq!(found("[EdDSA, ES256, RS256]"), [""; 0]);
        assert_eq!(found("[RS256, HS256]"), ["mixed_algorithms"]);
        let waived = "[ES256, HS256] waive mixed_algorithms \"until the old tokens have expired\"";
        assert_eq!(found(waived), [""; 0]);
    }
}
