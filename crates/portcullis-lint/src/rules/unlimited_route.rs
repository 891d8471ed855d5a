//! `unlimited_route`: a route that does work for every request is charged to no budget.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::is_guessed;
use crate::ownership::charges;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unlimited_route",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption, Owasp::BusinessFlows],
    finds: "A route that writes, lists, or shows something to everybody is charged to no budget, \
            while others of the policy are; or none of the policy is, and there are three such \
            routes or more.",
    why: "One client in a loop takes what the service has for all, fills the store, or copies it \
          (OWASP API4, API6). The guide has three layers: all requests, one caller, one route.",
    example: with_access!(
        r#"
resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

budget per_address { limit 60 per 1m  key request.ip }

route GET /books {
    public
    budget   [per_address]
    lists    book max 100
    returns  [book.card]
}

route POST /wishes {
    accept  [access]
    signed_in
    body    { title: string 1..80 }

    returns nothing
}
"#
    ),
    mend: "Charge a budget on the route, or on a group around it so that the next route has it too.",
    mended: with_access!(
        r#"
resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

budget per_address { limit 60 per 1m  key request.ip }

route GET /books {
    public
    budget   [per_address]
    lists    book max 100
    returns  [book.card]
}

route POST /wishes {
    accept   [access]
    signed_in
    body     { title: string 1..80 }
    budget   [per_address]
    returns  nothing
}
"#
    ),
    check: Some(check),
};

/// How many routes a policy without any budget has at least, to be more than a sketch.
const NO_SKETCH: usize = 3;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    // Routes and what they charge are the same in every profile.
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let live = || plan.routes.iter().filter(|route| route.retired.is_none());
    let limited = live().any(|route| charges(route).next().is_some());
    let open =
        live().filter(|route| works(route) && charges(route).next().is_none()).collect::<Vec<_>>();
    if limited {
        return open.into_iter().map(of_route).collect();
    }
    let first = open.first().filter(|_| open.len() >= NO_SKETCH);
    let message =
        || format!("nothing is limited: neither this nor {} other routes", open.len() - 1);
    let found = first.map(|route| {
        RULE.finding(route.span, message()).help(
            "charge budgets on the groups, like `limit 60 per 1m key caller.id else request.ip`",
        )
    });
    found.into_iter().collect()
}

fn of_route(route: &Route) -> Diagnostic {
    let message =
        format!("nothing limits how often `{} {}` is called", route.method, route.pattern);
    RULE.finding(route.span, message).help("charge a budget on it, or on the group around it")
}

/// Whether each request costs something. Where somebody guesses, `uncounted_address` and
/// `uncounted_account` say more; a page that says that the service is alive is left alone.
fn works(route: &Route) -> bool {
    if is_guessed(route) || route.session.is_some() {
        return false;
    }
    let open = !matches!(route.access, Access::Credential(_));
    let asked = !route.loads.is_empty() || route.query.iter().any(|shape| !shape.fields.is_empty());
    route.method != "GET" || route.lists.is_some() || route.creates.is_some() || (open && asked)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::{codes_but, found};

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn a_route_is_limited_like_the_others() {
        let with = |route: &str| codes(&format!("{}{route}", RULE.mended()));
        for good in [
            "route GET /alive { public returns nothing }",
            "route POST /old { public retired returns nothing }",
            "group /a { budget [per_address] route DELETE /b { public returns nothing } }",
        ] {
            assert_eq!(with(good), [""; 0], "{good}");
        }
        for bad in [
            "route DELETE /b { public returns nothing }",
            "route GET /c { public lists book max 5 returns [book.card] }",
            "route GET /d { public query { q: string max 9 } returns nothing }",
            "route GET /e/{id} { public params { id: uuid } loads book by params.id returns book.card }",
        ] {
            assert_eq!(with(bad), ["unlimited_route"], "{bad}");
        }
        let waived =
            "route DELETE /b { public returns nothing waive unlimited_route \"the proxy does\" }";
        assert_eq!(with(waived), [""; 0]);
    }

    #[test]
    fn a_policy_without_budgets_hears_it_once() {
        let routes = ["/a", "/b", "/c"]
            .map(|path| format!("route POST {path} {{ public returns nothing }}"));
        let policy = |routes: &[String]| {
            format!("transport {{ hosts [\"a.example\"] }} {}", routes.join(" "))
        };
        assert_eq!(codes(&policy(&routes[..2])), [""; 0], "a sketch");
        let mut found = found(&policy(&routes));
        found.retain(|finding| finding.code.as_str() == RULE.name);
        assert_eq!(found.len(), 1);
        assert!(
            found.iter().all(|finding| finding.message.ends_with("nor 2 other routes")),
            "{found:?}"
        );
    }

    #[test]
    fn where_somebody_guesses_others_say_more() {
        let login = "route POST /login { public body { pin: string 4..8 } returns nothing }";
        assert_eq!(codes(&format!("{}{login}", RULE.mended())), ["uncounted_address"]);
    }
}
