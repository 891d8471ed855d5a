//! `unsafe_get`: a GET changes something.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::SessionVerb;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unsafe_get",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration, Owasp::Authentication],
    finds: "A route for GET `creates` an object, or issues, renews or ends the session.",
    why: "GET is safe by definition (RFC 9110, 9.2.1): browsers fetch ahead, crawlers and mail \
          scanners follow links, caches answer in the service's place, and any page may send one \
          with a picture.",
    example: r#"
transport { hosts ["library.example"] }

resource wish {
    key     id: uuid
    title:  string

    view card { id title }
}

budget per_address { limit 60 per 1m  key request.ip }

route GET /wishes {
    public
    query    { title: string 1..80 }
    budget   [per_address]
    creates  wish
    returns  wish.card
}
"#,
    mend: "Make it a POST, which nothing sends by itself.",
    mended: r#"
transport { hosts ["library.example"] }

resource wish {
    key     id: uuid
    title:  string

    view card { id title }
}

budget per_address { limit 60 per 1m  key request.ip }

route POST /wishes {
    public
    body     { title: string 1..80 }
    budget   [per_address]
    creates  wish
    returns  wish.card
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let routes = compilation.plans.iter().flat_map(|plan| &plan.routes);
    let gets = routes.filter(|route| route.retired.is_none() && route.method == "GET");
    let found = gets.filter_map(|route| {
        let created = route.creates.as_ref().map(|creates| (creates.span, "creates an object"));
        let session = route.session.map(|(verb, span)| match verb {
            SessionVerb::Issues => (span, "signs somebody in"),
            SessionVerb::Renews => (span, "takes a refresh token"),
            SessionVerb::Ends => (span, "signs somebody out"),
        });
        let (place, what) = created.or(session)?;
        let message = format!("`GET {}` {what}, and anything may send a GET", route.pattern);
        Some(RULE.finding(place, message).help("make it a `POST`"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_get_changes_nothing() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("public", "public retired"), [""; 0]);
        assert_eq!(found("public", "public waive unsafe_get \"the draft is one per reader\""), [""; 0]);
        let session = crate::samples::with_session!["access   access", "refresh  7d rotating at most 30d",];
        let by_get = session.replace("POST /logout", "GET /logout").replace("POST /refresh", "GET /refresh");
        assert_eq!(codes(&by_get), ["unsafe_get", "unsafe_get"]);
    }
}
