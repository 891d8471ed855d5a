//! `anonymous_write`: a route changes something, and nobody has to say who they are.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Plan, Route, Segment};
use portcullis_syntax::{Diagnostic, Severity};

use crate::reach::Reach;
use crate::rule::{Owasp, Rule};
use crate::words::words;

pub(crate) const RULE: Rule = Rule {
    name: "anonymous_write",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication, Owasp::FunctionAuthorization],
    finds: "A route with POST, PUT, PATCH or DELETE lets callers without a credential in. Routes by which callers \
            come to have one (sessions, and paths that speak of signing in or up, of passwords or of tokens) are not \
            reported, nor what only looks, as `/search`.",
    why: "What anybody may change without a name, anybody changes in bulk, and nobody can say afterwards who it was.",
    example: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

route DELETE /books/{id} {
    public
    params   { id: uuid }
    loads    book by params.id
    returns  book.card
}
"#,
    mend: "Ask for a credential and a permission; or waive it with the reason, and give it a budget by address.",
    mended: with_access!(
        r#"
role desk { delete:books }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

route DELETE /books/{id} {
    accept   [access]
    params   { id: uuid }
    needs    delete:books
    loads    book by params.id
    returns  book.card
    waive    unchecked_object "the desk sorts out any book"
}
"#
    ),
    check: Some(check),
};

/// Words of paths by which somebody comes to have a credential.
const COMING_IN: &[&str] = &[
    "auth",
    "login",
    "signin",
    "logout",
    "register",
    "registration",
    "signup",
    "password",
    "passwords",
    "forgot",
    "reset",
    "token",
    "tokens",
    "oauth",
    "oauth2",
    "verify",
    "verification",
    "activate",
    "confirm",
    "session",
    "sessions",
    "sso",
    "otp",
    "mfa",
    "refresh",
    "sign",
    "authorize",
    "introspect",
    "revoke",
];
/// Words of paths that only look, and do so by POST for what a query string cannot hold.
const LOOKING: &[&str] = &["search", "query", "validate", "preview", "check", "lookup", "graphql"];

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let open = plan.routes.iter().filter(|route| is_open(plan, route));
    open.map(|route| {
        let message =
            format!("`{} {}` is done for callers without a name", route.method, route.pattern);
        RULE.finding(route.span, message)
            .help("`accept` a credential in the place of `public`, or waive it with the reason")
    })
    .collect()
}

fn is_open(plan: &Plan, route: &Route) -> bool {
    let spared = || {
        let words = route.segments.iter().flat_map(|segment| match segment {
            Segment::Literal(text) => words(text),
            Segment::Parameter(_) | Segment::Rest(_) => Vec::new(),
        });
        words
            .into_iter()
            .any(|word| COMING_IN.contains(&word.as_str()) || LOOKING.contains(&word.as_str()))
    };
    route.method != "GET"
        && route.retired.is_none()
        && route.session.is_none()
        && route.lists.is_none()
        && !spared()
        && Reach::of(plan, route).anonymous
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn who_changes_something_is_known() {
        let found = |route: &str, clauses: &str| {
            let policy = format!(
                "role user {{ write:orders }} role anonymous {{ write:notes }}
                route {route} {{ {clauses} returns nothing }}
                route GET /all {{ accept [access] needs [write:orders, write:notes] returns nothing }}"
            );
            count("anonymous_write", &policy)
        };
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert_eq!(found(&format!("{method} /orders"), "public"), 1, "{method}");
        }
        assert_eq!(found("GET /orders", "public"), 0);
        assert_eq!(found("POST /orders", "public optional accept [access]"), 1);
        assert_eq!(found("POST /orders", "public optional accept [access] needs write:orders"), 0);
        assert_eq!(found("POST /orders", "public optional accept [access] needs write:notes"), 1);
        assert_eq!(
            found("POST /orders", "public optional accept [access] require when exists caller"),
            0
        );
        assert_eq!(found("POST /orders", "accept [access] signed_in"), 0);
        assert_eq!(found("POST /orders", "public waive anonymous_write \"a test\""), 0);
    }

    #[test]
    fn who_comes_in_is_not_yet_known() {
        for path in ["/auth/anything", "/sign-up", "/users/forgot-password", "/products/search"] {
            let policy = format!("route POST {path} {{ public returns nothing }}");
            assert_eq!(count("anonymous_write", &policy), 0, "{path}");
        }
    }
}
