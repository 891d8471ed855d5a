//! `unguarded_url`: a URL that the service fetches goes through no outbound.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{self, FieldType, Type};
use portcullis_syntax::{Diagnostic, Severity};

use crate::fields::{Taken, taken};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unguarded_url",
    level: Severity::Warning,
    owasp: &[Owasp::ServerSideRequestForgery],
    finds: "A field of type `url` whose name says that it is fetched (a webhook, a callback, an \
            avatar, a feed, …) has no `through`.",
    why: "By such a URL a client lets the service reach what it cannot reach itself: metadata of \
          the cloud, databases, other services (OWASP API7). An `outbound` refuses what leads \
          inside, when the URL comes in and when it is connected to.",
    example: with_field!["cover_image: url",],
    mend: "Declare an `outbound`, name it behind `through`, and fetch by its client. Where nothing \
           is fetched, waive it.",
    mended: with_access!(
        r#"
outbound covers { hosts ["covers.example.com"] }

input wish { cover_image: url through covers }

budget per_address { limit 60 per 1m  key request.ip }

route POST /wishes {
    accept   [access]
    signed_in
    body     wish
    budget   [per_address]
    returns  nothing
}
"#
    ),
    check: Some(check),
};

/// What is fetched, and not only linked to.
const FETCHED: &[&str] = &[
    "api",
    "avatar",
    "callback",
    "download",
    "endpoint",
    "feed",
    "fetch",
    "hook",
    "image",
    "import",
    "mirror",
    "notify",
    "photo",
    "picture",
    "ping",
    "proxy",
    "server",
    "thumbnail",
    "upload",
    "webhook",
];

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let field = taken.field;
    let fetched = field.name.split('_').any(|word| {
        FETCHED.contains(&word)
            || word.strip_suffix('s').is_some_and(|word| FETCHED.contains(&word))
    });
    let free = |rule: &plan::Rule| {
        rule.kind == FieldType::Plain(Type::Url)
            && rule.constraints.through.is_none()
            && rule.constraints.one_of.is_empty()
    };
    let message = format!("`{}` may lead anywhere, inside too", field.name);
    (fetched && taken.rules().into_iter().any(free)).then(|| {
        RULE.finding(field.span, message)
            .help("declare an `outbound`, and write `through` and its name behind the type")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn what_is_fetched_goes_through_an_outbound() {
        let found = |field: &str| codes(&RULE.example().replace("cover_image: url", field));
        for good in
            ["homepage: url", "image: uuid", "avatar: url one of [\"https://a.example/b.png\"]"]
        {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["webhook: url?", "webhook_urls: [url] max 3", "mechanic_api: url"] {
            assert_eq!(found(bad), ["unguarded_url"], "{bad}");
        }
        assert_eq!(found("avatar: url waive unguarded_url \"browsers fetch it\""), [""; 0]);
    }
}
