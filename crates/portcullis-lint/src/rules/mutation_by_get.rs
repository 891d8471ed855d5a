//! `mutation_by_get`: a GET route changes something.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Plan, Route, SessionVerb};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};
use crate::words::changes;

pub(crate) const RULE: Rule = Rule {
    name: "mutation_by_get",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization, Owasp::Misconfiguration],
    finds: "A GET route creates an object, issues, renews or ends a session, or needs nothing but permissions to \
            change something: `write:…`, `delete:…`.",
    why: "GET is safe: it changes nothing that the client asked for (RFC 9110, 9.2.1). So browsers, caches, \
          previews of links and crawlers send it unasked, and a page of another origin makes a browser send it.",
    example: with_access!(
        r#"
role desk { delete:books }

route GET /books/{id}/delete {
    accept   [access]
    params   { id: uuid }
    needs    delete:books
    returns  nothing
}
"#
    ),
    mend: "Give it the method of what it does: POST, PUT, PATCH or DELETE; or the permission that it means.",
    mended: with_access!(
        r#"
role desk { delete:books }

route DELETE /books/{id} {
    accept   [access]
    params   { id: uuid }
    needs    delete:books
    returns  nothing
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let gets = plan.routes.iter().filter(|route| route.method == "GET" && route.retired.is_none());
    let found = gets.filter_map(|route| {
        let (what, place) = what(plan, route)?;
        let message = format!("`GET {}` {what}", route.pattern);
        Some(
            RULE.finding(route.span, message)
                .and(place, "by this")
                .help("give it the method of what it does"),
        )
    });
    found.collect()
}

fn what(plan: &Plan, route: &Route) -> Option<(String, portcullis_syntax::Span)> {
    if let Some(creates) = &route.creates {
        return Some(("creates something".to_owned(), creates.span));
    }
    // An authorization server sends browsers back by a GET (RFC 6749, 4.1.2).
    let mut asked = route.query.iter().flat_map(|shape| &shape.fields);
    let returning = asked.any(|field| ["code", "state"].contains(&field.name.as_str()));
    if let Some((verb, span)) =
        route.session.filter(|(verb, _)| *verb != SessionVerb::Issues || !returning)
    {
        return Some((format!("{} a session", verb.as_str()), span));
    }
    let mut names = route
        .needs
        .iter()
        .flat_map(|needed| needed.any.iter().filter_map(|index| plan.permissions.get(*index)));
    let first = route.needs.first()?;
    // One that changes nothing among them says what the route is for.
    let all = names.all(|name| name.split(':').any(changes));
    let name = first.any.first().and_then(|index| plan.permissions.get(*index))?;
    all.then(|| (format!("needs `{name}`"), first.span))
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn get_changes_nothing() {
        let found = |route: &str, clauses: &str| {
            let policy = format!(
                "role user {{ read:orders write:orders }} session {{ access access refresh 7d }}
                resource order {{ key id: uuid view v {{ id }} }}
                route {route} {{ accept [access] {clauses} returns nothing }}
                route GET /b {{ accept [access] needs [read:orders write:orders] returns nothing }}"
            );
            count("mutation_by_get", &policy)
        };
        assert_eq!(found("GET /a", "needs write:orders"), 1);
        assert_eq!(found("POST /a", "needs write:orders"), 0);
        assert_eq!(found("GET /a", "needs read:orders"), 0);
        assert_eq!(found("GET /a", "signed_in ends session"), 1);
        assert_eq!(found("GET /a", "needs read:orders creates order"), 1);
        assert_eq!(found("GET /a", "needs write:orders waive mutation_by_get \"a test\""), 0);
        assert_eq!(found("GET /a", "needs write:orders retired"), 0);
        let back = "query { code: string max 99 state: string max 99 } issues session";
        assert_eq!(found("GET /a", &format!("signed_in {back}")), 0, "an authorization server");
        let out = back.replace("issues", "ends");
        assert_eq!(found("GET /a", &format!("signed_in {out}")), 1);
    }
}
