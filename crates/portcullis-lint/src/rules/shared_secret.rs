//! `shared_secret`: another service shares the secret that signs its tokens.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Credential, Plan, SignatureAlgorithm};
use portcullis_syntax::ast::CredentialClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_credential;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "shared_secret",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A credential takes `HS256`, `HS384` or `HS512` from an issuer that is another service: \
            none of the hosts of `transport`, and not the policy's own `session`.",
    why: "With a shared secret whoever verifies tokens can make them. If this service is broken \
          into, tokens are made for every other one that trusts the issuer; and the secret lies in \
          as many places as there are services.",
    example: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [HS256]",
        "type        \"at+jwt\"",
        "lifetime    15m",
    ],
    mend: "Let the issuer sign with a key pair (`EdDSA`, `ES256`, `RS256`), and verify with its \
           public key.",
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
    let found = compilation.plans.iter().flat_map(|plan| {
        let own = plan.session.as_ref().map(|session| session.access);
        let all = plan.credentials.iter().enumerate();
        let others = all.filter(move |(index, _)| Some(*index) != own).map(|(_, found)| found);
        others.filter_map(|found| of_credential(compilation, plan, found))
    });
    found.collect()
}

fn of_credential(
    compilation: &Compilation,
    plan: &Plan,
    credential: &Credential,
) -> Option<Diagnostic> {
    let jwt = credential.jwt()?;
    let symmetric = jwt.algorithms.iter().all(|found| is_symmetric(*found));
    // Where every host is answered, or the issuer is a bare word, it may well be this service.
    let (Some(hosts), Some(issuer)) = (&plan.transport.hosts, host(&jwt.issuer)) else {
        return None;
    };
    if !symmetric || hosts.iter().any(|own| own.eq_ignore_ascii_case(issuer)) {
        return None;
    }
    let place = in_credential(compilation, &credential.name, |clause| match clause {
        CredentialClause::Algorithms(_, span) => Some(*span),
        _ => None,
    });
    let message = format!("this service could make tokens of `{issuer}` itself");
    Some(
        RULE.finding(place.unwrap_or(credential.span), message)
            .help("let the issuer sign with a key pair: `algorithms [EdDSA]`"),
    )
}

/// The host of an issuer that is a URL.
fn host(issuer: &str) -> Option<&str> {
    let (_, rest) = issuer.split_once("://")?;
    rest.split(['/', ':', '?', '#']).next().filter(|host| !host.is_empty())
}

/// Whether it is an HMAC: who verifies it can make it.
pub(super) fn is_symmetric(algorithm: SignatureAlgorithm) -> bool {
    use SignatureAlgorithm::{Hs256, Hs384, Hs512};
    matches!(algorithm, Hs256 | Hs384 | Hs512)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_secret_is_shared_with_nobody() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("HS256", "HS256, HS512"), ["shared_secret"]);
        assert_eq!(found("HS256", "ES256"), [""; 0]);
        assert_eq!(found("https://auth.library.example", "https://library.example/auth"), [""; 0]);
        assert_eq!(found("https://auth.library.example", "library"), [""; 0]);
        assert_eq!(found("hosts [\"library.example\"]", "hosts any \"a demo\""), [""; 0]);
        let waived = "lifetime 15m waive shared_secret \"until the issuer has a key pair\"";
        assert_eq!(found("lifetime    15m", waived), [""; 0]);
    }

    #[test]
    fn the_policys_own_tokens_are_made_here() {
        let own = with_session!["access   access", "refresh  7d rotating at most 30d",];
        let own = own.replace("https://library", "https://auth.library").replace("EdDSA", "HS256");
        assert_eq!(codes(&own), [""; 0]);
    }
}
