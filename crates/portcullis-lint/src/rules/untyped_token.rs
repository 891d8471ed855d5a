//! `untyped_token`: tokens of an authorization server are taken whatever kind of token they are.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "untyped_token",
    level: Severity::Note,
    owasp: &[Owasp::Authentication],
    finds: "A credential whose issuer is a URL, as that of an authorization server is, does not say \
            which `type` its tokens have.",
    why: "Such a server signs tokens of several kinds with one key: access tokens, ID tokens, \
          tokens of logout. Without `type` one is taken for another wherever the audience fits \
          (RFC 8725, 2.8 and 3.11). Access tokens after RFC 9068 have `at+jwt`.",
    example: with_credential![
        "issuer      \"https://auth.library.example\"",
        "audience    \"library\"",
        "algorithms  [EdDSA]",
        "lifetime    15m",
    ],
    mend: "Look into a token of the issuer: if its header has a `typ` of its own, state it. If it \
           only has `JWT`, waive this with the reason.",
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
    let credentials = compilation.plans.iter().flat_map(|plan| {
        // What the policy's own session issues is of one kind.
        let own = plan.session.as_ref().map(|session| session.access);
        let all = plan.credentials.iter().enumerate();
        all.filter(move |(index, _)| Some(*index) != own).map(|(_, found)| found)
    });
    let untyped = credentials.filter_map(|found| {
        let jwt = found.jwt().filter(|jwt| jwt.token_type.is_none())?;
        let message =
            format!("any kind of token of `{}` is taken for `{}`", jwt.issuer, found.name);
        jwt.issuer.starts_with("https://").then(|| {
            RULE.finding(found.span, message)
                .help("write `type \"at+jwt\"`, or what the `typ` of its access tokens is")
        })
    });
    untyped.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn an_authorization_server_issues_several_kinds() {
        let found =
            |issuer: &str| codes(&RULE.example().replace("https://auth.library.example", issuer));
        assert_eq!(found("https://login.example/realms/a"), ["untyped_token"]);
        assert_eq!(found("our-api"), [""; 0]);
        let waived = "type \"at+jwt\"";
        let with = RULE.example().replace("algorithms", &format!("{waived} algorithms"));
        assert_eq!(codes(&with), [""; 0]);
        let waived = "waive untyped_token \"its header has `JWT` alone\" algorithms";
        assert_eq!(codes(&RULE.example().replace("algorithms", waived)), [""; 0]);
    }

    #[test]
    fn what_the_policy_issues_itself_is_of_one_kind() {
        let own = with_session!["access   access", "refresh  7d rotating at most 30d",];
        let own = own.replace("    type        \"at+jwt\"\n", "");
        assert_eq!(codes(&own), [""; 0]);
    }
}
