//! `confusable_tokens`: two credentials take each other's tokens.

use std::collections::HashMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Credential, Jwt, Plan};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "confusable_tokens",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication, Owasp::FunctionAuthorization],
    finds: "Two credentials have the same issuer and audience, a common algorithm, and no types that \
            tell them apart.",
    why: "Routes ask for one of them and take the other's tokens, as far as the claims fit: what \
          is meant to keep two kinds of callers apart does not (RFC 8725, 3.11 and 3.12).",
    example: r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "sub" }
}

credential desk jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "employee" }
}

route GET /hours {
    accept   [access]
    signed_in
    returns  nothing
}

route GET /rota {
    accept   [desk]
    signed_in
    returns  nothing
}
"#,
    mend: "Give each its own `audience`, or the `type` of its tokens.",
    mended: r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "sub" }
}

credential desk jwt {
    issuer      "https://auth.library.example"
    audience    "library-desk"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "employee" }
}

route GET /hours {
    accept   [access]
    signed_in
    returns  nothing
}

route GET /rota {
    accept   [desk]
    signed_in
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // By whom and for whom: few share both, so that few are compared.
    let mut seen: HashMap<(&str, &str), Vec<(&Credential, &Jwt)>> = HashMap::new();
    for credential in &plan.credentials {
        let Some(jwt) = credential.jwt() else { continue };
        let alike = seen.entry((&jwt.issuer, &jwt.audience)).or_default();
        if let Some((other, _)) = alike.iter().find(|(_, other)| is_taken_for(jwt, other)) {
            let message =
                format!("`{}` and `{}` take each other's tokens", other.name, credential.name);
            found.push(
                RULE.finding(credential.span, message)
                    .and(other.span, "the same issuer and audience")
                    .help("give each its own `audience`, or the `type` of its tokens"),
            );
        }
        alike.push((credential, jwt));
    }
    found
}

fn is_taken_for(one: &Jwt, other: &Jwt) -> bool {
    let typed = match (&one.token_type, &other.token_type) {
        (Some(one), Some(other)) => !one.eq_ignore_ascii_case(other),
        _ => false,
    };
    !typed && one.algorithms.iter().any(|algorithm| other.algorithms.contains(algorithm))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn kinds_of_tokens_are_told_apart() {
        let second = |line: &str, to: &str| {
            let (first, second) = RULE.example().split_once("credential desk").unwrap();
            codes(&format!("{first}credential desk{}", second.replacen(line, to, 1)))
        };
        assert_eq!(second("at+jwt", "desk+jwt"), [""; 0]);
        assert_eq!(second("at+jwt", "AT+JWT"), ["confusable_tokens"]);
        assert_eq!(second("[EdDSA]", "[ES256]"), [""; 0]);
        assert_eq!(second("[EdDSA]", "[ES256, EdDSA]"), ["confusable_tokens"]);
        assert_eq!(second("auth.library", "desk.library"), [""; 0]);
        let waived = "lifetime 15m waive confusable_tokens \"both are the same people\"";
        assert_eq!(second("lifetime    15m", waived), [""; 0]);
    }
}
