//! `void_unavailable`: a budget says `unavailable admit`, and on some route another budget, a credential or the session needs the store.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, Budget, Charge, CredentialKind, Plan, Route, SessionVerb};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "void_unavailable",
    level: Severity::Error,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A budget says `unavailable admit`, and on some route another budget, a credential or the \
            session needs the store.",
    why: "While the store cannot be reached, such a route refuses for the other one. What the \
          policy promises of the first does not happen there, and whoever is woken by it had \
          planned on it.",
    example: r#"
transport { hosts ["library.example"] }

budget browsing { limit 60 per 1m  key request.ip  unavailable admit "a catalogue may be read" }
budget everyone { limit 2_000 per 1m }

route GET /books {
    public
    budget   [browsing, everyone]
    returns  nothing
}
"#,
    mend: "Say `unavailable admit` of both, or of neither, or charge them on different routes. \
           Where a credential needs the store, take `unavailable admit` away.",
    mended: r#"
transport { hosts ["library.example"] }

budget browsing { limit 60 per 1m  key request.ip }
budget everyone { limit 2_000 per 1m }

route GET /books {
    public
    budget   [browsing, everyone]
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let of_routes = plan.routes.iter().filter(|route| route.retired.is_none()).map(|route| {
        let charges = route.stages().flat_map(|(_, checks)| &checks.charges);
        (asked_for(plan, route), charges.collect::<Vec<_>>())
    });
    let of_actions =
        plan.actions.iter().map(|action| (None, action.caller.charges.iter().collect()));
    of_routes
        .chain(of_actions)
        .flat_map(|(asked, charges)| together(plan, asked, &charges))
        .collect()
}

/// What of a route needs the store before any budget is charged, by its name, and where it stands.
fn asked_for(plan: &Plan, route: &Route) -> Option<(String, Span)> {
    // Where a request may come without a credential, or with one that is told by itself, the store is not asked.
    let accepted = match &route.access {
        Access::Credential(accepted) => accepted.as_slice(),
        _ => &[],
    };
    let credentials = accepted.iter().filter_map(|index| plan.credentials.get(*index));
    let asked = credentials.map(|found| {
        let place = match &found.kind {
            CredentialKind::Jwt(jwt) => jwt.revocable?,
            CredentialKind::Opaque { .. } => found.span,
        };
        Some((format!("the credential `{}`", found.name), place))
    });
    let asked = asked.collect::<Option<Vec<_>>>();
    let credential = asked.and_then(|asked| asked.into_iter().next());
    let renews = route.session.filter(|(verb, _)| *verb == SessionVerb::Renews);
    credential.or(renews.map(|(_, place)| ("the session".to_owned(), place)))
}

/// What is charged for one request.
fn together(plan: &Plan, asked: Option<(String, Span)>, charges: &[&Charge]) -> Vec<Diagnostic> {
    let budget = |charge: &Charge| plan.budgets.get(charge.budget);
    let with = |admits: bool| move |budget: &&Budget| budget.unavailable_admits == admits;
    let needs = charges
        .iter()
        .find_map(|charge| budget(charge).filter(with(false)).map(|budget| (budget, charge.span)));
    let needs = needs.map(|(budget, place)| (format!("`{}`", budget.name), place));
    let Some((needs, place)) = asked.or(needs) else {
        return Vec::new();
    };
    let admitting = charges
        .iter()
        .filter_map(|charge| budget(charge).filter(with(true)).map(|budget| (budget, charge.span)));
    admitting
        .map(|(admits, span)| {
            let message = format!(
                "`unavailable admit` of `{}` is void: {needs} needs the store here too",
                admits.name
            );
            RULE.finding(span, message)
                .and(place, "without the store, this refuses")
                .help("let both admit without the store, or neither")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn what_admits_without_the_store_is_not_beside_what_needs_it() {
        let policy = |of_group: &str, of_route: &str| {
            format!(
                r#"transport {{ hosts ["a.example"] }}
                budget reports {{ limit 5 per 1m unavailable admit "reports may wait for no store" }}
                budget other {{ limit 5 per 1m unavailable admit "so may these" }}
                budget strict {{ limit 4 per 1m key request.ip }}
                group /a {{
                    budget [{of_group}]
                    route GET /b {{ public budget [{of_route}] waive missing_returns "a test" }}
                }}
                route GET /c {{ public budget [other reports] retired }}
                route GET /d {{ public budget [strict other reports]
                    waive missing_returns "a test" waive void_unavailable "a test" }}"#
            )
        };
        assert_eq!(codes(&policy("reports", "other")), [""; 0]);
        assert_eq!(codes(&policy("reports", "strict")), ["void_unavailable"]);
        assert_eq!(codes(&policy("strict", "reports")), ["void_unavailable"]);
    }

    #[test]
    fn nor_beside_a_credential_or_a_session_that_does() {
        let policy = |revocable: &str, route: &str| {
            format!(
                r#"transport {{ hosts ["a.example"] }}
                credential plain jwt {{ issuer "j" audience "a" algorithms [EdDSA] lifetime 5m
                    {revocable} caller {{ id: string from "sub" }} }}
                credential pat opaque {{ prefix "t_" caller {{ id: string }} }}
                credential access jwt {{ issuer "i" audience "a" algorithms [EdDSA] lifetime 5m
                    revocable caller {{ id: string from "sub" }} }}
                session {{ access access refresh 7d }}
                budget b {{ limit 5 per 1m key request.ip unavailable admit "it may wait" }}
                route POST /auth/a {{ {route} budget [b] returns nothing }}"#
            )
        };
        let found = |revocable: &str, route: &str| {
            let mut codes = codes(&policy(revocable, route));
            codes.retain(|code| code == "void_unavailable");
            codes
        };
        assert_eq!(found("", "accept [plain] signed_in"), [""; 0]);
        assert_eq!(found("revocable", "accept [plain] signed_in"), ["void_unavailable"]);
        assert_eq!(found("", "accept [pat] signed_in"), ["void_unavailable"]);
        assert_eq!(found("", "accept [plain pat] signed_in"), [""; 0], "it admits the plain one");
        assert_eq!(found("", "accept [pat] public optional"), [""; 0], "it admits without any");
        assert_eq!(found("", "public issues session"), [""; 0]);
        assert_eq!(found("", "public renews session"), ["void_unavailable"]);
    }
}
