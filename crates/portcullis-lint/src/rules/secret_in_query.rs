//! `secret_in_query`: a secret comes in the query string.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::fields::{Source, Taken, taken};
use crate::guessed::plain;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "secret_in_query",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A field of a query string is called like a secret: a password, a token, a key of an API, \
            a code.",
    why: "Targets of requests are in the logs of servers and proxies, in the history of browsers \
          and in `Referer`, for years and in plain text (RFC 6750, 5.3; RFC 9700, 4.3.2).",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }

route GET /downloads {
    public
    query    { access_token: string 20..80 }
    budget   [per_address]
    returns  nothing
}
"#,
    mend: "Take it as `Authorization: Bearer`, by a `credential`, or in the body of a POST.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }

route POST /downloads {
    public
    body     { access_token: string 20..80 }
    budget   [per_address]
    returns  nothing
}
"#,
    check: Some(check),
};

/// Names of what must not be logged. A `page_token` and its like are none.
const SECRETS: &[&str] = &[
    "accesstoken", "apikey", "apitoken", "authtoken", "clientsecret", "idtoken", "jwt", "onetimecode", "otp",
    "passphrase", "passwd", "password", "privatekey", "refreshtoken", "resettoken", "secret", "secretkey",
    "sessionid", "sessiontoken", "token",
];

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let field = taken.field;
    let secret = taken.source == Source::Query && SECRETS.contains(&plain(&field.name).as_str());
    let message = format!("`{}` ends up in the logs of every server and proxy", field.name);
    secret.then(|| {
        RULE.finding(field.span, message)
            .help("take it in the body, or as `Authorization: Bearer` by a `credential`")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_secret_is_in_no_target() {
        let found = |name: &str| codes(&RULE.example().replace("access_token", name));
        for good in ["page_token", "code_of_country", "keyword"] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["password", "api_key", "token"] {
            assert_eq!(found(bad), ["secret_in_query"], "{bad}");
        }
        let waived = "public waive secret_in_query \"a link that is good once\"";
        assert_eq!(codes(&RULE.example().replace("public", waived)), [""; 0]);
    }
}
