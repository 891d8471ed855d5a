//! `write_by_reading`: a route changes something, and asks for nothing but the permission to read.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Condition, Plan, Route, Segment};
use portcullis_syntax::{Diagnostic, Severity};

use crate::ownership::{Tie, tie};
use crate::relation::{atoms, decided};
use crate::rule::{Owasp, Rule};
use crate::words::looks;

pub(crate) const RULE: Rule = Rule {
    name: "write_by_reading",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A route with PUT, PATCH or DELETE asks for nothing but permissions to read: `read:…`, `list:…`, `view:…`.",
    why: "Whoever was given a look has the right to change. It is mostly the clause of the GET route beside it, \
          copied, or one of the group's.",
    example: with_access!(
        r#"
role reader { read:books }

route DELETE /books/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:books
    returns  nothing
}
"#
    ),
    mend: "Ask for a permission of its own, `write:…` or `delete:…`, and grant it to those who are to have it.",
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
    let found = plan.routes.iter().filter_map(|route| {
        let asked = only_reading(plan, route)?;
        let message =
            format!("`{} {}` asks for no more than `{asked}`", route.method, route.pattern);
        let of = asked.split_once(':').map_or("…", |(_, of)| of);
        let help = format!("ask for what it does: `needs write:{of}`");
        Some(RULE.finding(route.span, message).help(help))
    });
    found.collect()
}

/// A permission to read that is all that a route which changes something asks for.
fn only_reading<'p>(plan: &'p Plan, route: &Route) -> Option<&'p str> {
    let changes = matches!(route.method.as_str(), "PUT" | "PATCH" | "DELETE");
    if !changes || route.retired.is_some() || route.session.is_some() || says_more(plan, route) {
        return None;
    }
    // What is one's own, such as a mark on what was read, may be changed by whoever may read it.
    let own = |segment: &Segment| matches!(segment, Segment::Literal(text) if text == "me");
    if route.segments.iter().any(own) {
        return None;
    }
    let mut first = None;
    for index in route.needs.iter().flat_map(|needed| &needed.any) {
        let name = plan.permissions.get(*index)?;
        if !name.split(':').any(looks) {
            return None;
        }
        first = first.or(Some(name.as_str()));
    }
    first
}

/// Whether a route tells callers apart by more than permissions.
fn says_more(plan: &Plan, route: &Route) -> bool {
    let mut told = !matches!(tie(plan, route), Tie::Created | Tie::None);
    for condition in route.stages().flat_map(|(_, checks)| decided(checks)) {
        atoms(condition, &mut |atom| {
            told |= matches!(atom, Condition::Is(_) | Condition::Can(_));
        });
    }
    told
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_change_asks_for_more_than_a_look() {
        let found = |route: &str, clauses: &str| {
            let policy = format!(
                "role user {{ read:orders }} role admin inherits user {{ write:orders }}
                resource order {{ key id: uuid user: string
                    predicate own {{ order.user == caller.id }} view v {{ id }} }}
                route {route} {{ accept [access] params {{ id: uuid }} {clauses} returns nothing }}"
            );
            count("write_by_reading", &policy)
        };
        assert_eq!(found("DELETE /orders/{id}", "needs read:orders"), 1);
        assert_eq!(found("GET /orders/{id}", "needs read:orders"), 0);
        assert_eq!(found("POST /orders/{id}/quote", "needs read:orders"), 0);
        assert_eq!(found("DELETE /orders/{id}", "needs [read:orders, write:orders]"), 0);
        assert_eq!(found("DELETE /orders/{id}", "needs read:orders allow when caller is admin"), 0);
        let own = "needs read:orders loads order by params.id allow when own";
        assert_eq!(found("PUT /orders/{id}", own), 0);
        assert_eq!(found("PUT /me/{id}", "needs read:orders"), 0);
        let waived = "needs read:orders waive write_by_reading \"a test\"";
        assert_eq!(found("DELETE /orders/{id}", waived), 0);
    }
}
