//! `script_held_refresh`: pages keep the refresh token where script reads it.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "script_held_refresh",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A `session` has no cookie, and `cors` lets pages of a browser call the service.",
    why: "Without a cookie the refresh token is in the answer, and a page has to keep it where its \
          script can read it: so can every script that gets into the page. A cookie is `HttpOnly` \
          (the API security guide: \"Secure storage\").",
    example: concat!(
        with_session!["access   access", "refresh  7d rotating at most 30d",],
        "\ncors { origins [\"https://app.library.example\"] }\n",
    ),
    mend: "Add a `cookie`, with the path of the routes that renew and end the session.",
    mended: concat!(
        with_session![
            "access   access",
            "refresh  7d rotating at most 30d",
            "cookie   \"refreshToken\" path /auth",
        ],
        "\ncors { origins [\"https://app.library.example\"] }\n",
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let open = compilation.plans.iter().filter_map(|plan| {
        let session = plan.session.as_ref().filter(|session| session.cookie.is_none())?;
        let cors = plan.cors.as_ref()?;
        Some(
            RULE.finding(session.span, "script of a page can read its refresh token")
                .and(cors.places.origins, "these pages call the service")
                .help("add `cookie \"refreshToken\" path …`, with the path of the routes that renew it"),
        )
    });
    open.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_page_keeps_no_refresh_token() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("30d\n", "30d\n cookie \"r\" path /auth\n"), [""; 0]);
        assert_eq!(found("30d\n", "30d waive script_held_refresh \"apps alone sign in\""), [""; 0]);
        let (without, _) = RULE.example().split_once("cors").unwrap();
        assert_eq!(codes(without), [""; 0]);
    }
}
