//! `client_set_owner`: a client sends whose an object is.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Operand, Plan, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::ownership::relates;
use crate::reach::Usual;
use crate::relation::owners;
use crate::rule::{Owasp, Rule};
use crate::sent::sent;
use crate::words::plain;

pub(crate) const RULE: Rule = Rule {
    name: "client_set_owner",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization, Owasp::ObjectAuthorization],
    finds: "A field of a body is called like an attribute that the policy compares with the caller, and any client \
            may send it: whose the object is, is the client's to say.",
    why: "A handler that stores the body gives the object to somebody else, or takes one in another's name (mass \
          assignment). Not reported is what a clause of the route compares, and routes for staff.",
    example: with_loans!(
        r#"
route PUT /loans/{id} {
    accept   [access]
    params   { id: uuid }
    body     { reader: string max 64 }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    returns  loan.full
}
"#
    ),
    mend: "Take the field out of the input, and let the handler take the owner from the caller; or say who may send \
           it: `settable when …`.",
    mended: with_loans!(
        r#"
role desk inherits reader { write:loans }

route PUT /loans/{id} {
    accept   [access]
    params   { id: uuid }
    body     { reader: string? max 64 settable when caller can write:loans }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    returns  loan.full
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let usual = Usual::of(plan);
    let owners = owners(plan);
    let mut found = Vec::new();
    for route in plan.routes.iter().filter(|route| route.method != "GET") {
        // What is about to be stored is the caller's already.
        if route.creates.is_some() && relates(plan, route) {
            continue;
        }
        let fields = sent(route);
        if fields.is_empty() {
            continue;
        }
        let read = read(route);
        for (resource, name, place) in owned(plan, route, &owners) {
            let same = |name: &str| plain(name) == plain(place);
            for (slot, field) in &fields {
                let judged = slot.is_some_and(|slot| read.contains(&slot));
                if !same(&field.name) || judged || usual.is_for_staff(plan, route, resource) {
                    continue;
                }
                let message = format!("the client says by `{}` whose the `{name}` is", field.name);
                let help = "take it out of the input, or say who may send it: `settable when …`";
                found.push(
                    RULE.finding(field.span, message).and(route.span, "on this route").help(help),
                );
            }
        }
    }
    // An input that several routes take is one place.
    found.sort_by_key(|finding: &Diagnostic| finding.span());
    found.dedup_by_key(|finding| finding.span());
    found
}

/// The attributes of a route's objects that say whose they are: resource, its name, attribute.
fn owned<'p>(
    plan: &'p Plan,
    route: &Route,
    owners: &HashSet<(usize, usize)>,
) -> Vec<(usize, &'p str, &'p str)> {
    let mut found = Vec::new();
    for index in route.objects() {
        let Some(resource) = plan.resources.get(index) else { continue };
        for (slot, attribute) in resource.attributes.iter().enumerate() {
            if owners.contains(&(index, slot)) && !resource.key.contains(&slot) {
                found.push((index, resource.name.as_str(), attribute.name.as_str()));
            }
        }
    }
    found
}

/// The fields of the body that some clause of the route reads.
fn read(route: &Route) -> HashSet<usize> {
    let mut found = HashSet::new();
    let checks = route.body.iter().filter_map(|body| body.shape()).flat_map(|shape| &shape.checks);
    let checks = checks.map(|check| &check.condition);
    for condition in route.conditions().chain(checks) {
        condition.reads(&mut |operand| {
            if let Operand::Body(slot) = operand {
                found.insert(*slot);
            }
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn on_order(input: &str, route: &str) -> usize {
        let policy = format!(
            "role user {{ write:orders }} role admin inherits user {{ write:all }}
            resource order {{ key id: uuid user_id: string note: string
                predicate own {{ order.user_id == caller.id }} view v {{ id }} }}
            input nested {{ user_id: string max 9 }}
            input change {{ {input} }}
            route GET /o/{{id}} {{ accept [access] params {{ id: uuid }} needs write:orders
                loads order by params.id allow when own returns order.v }}
            {route}"
        );
        count("client_set_owner", &policy)
    }

    const PUT: &str = "route PUT /o/{id} { accept [access] params { id: uuid } body change
        needs write:orders loads order by params.id allow when own returns order.v }";

    #[test]
    fn whose_an_object_is_is_not_the_clients_to_say() {
        assert_eq!(on_order("user_id: string max 9", PUT), 1);
        assert_eq!(on_order("userid: string max 9 as \"userId\"", PUT), 1);
        assert_eq!(on_order("inner: nested", PUT), 1);
        assert_eq!(on_order("note: string max 9", PUT), 0);
        assert_eq!(on_order("user_id: string? max 9 settable when caller is admin", PUT), 0);
        assert_eq!(on_order("user_id: string max 9 waive client_set_owner \"a test\"", PUT), 0);
        let compared =
            PUT.replace("allow when own", "allow when own deny when body.user_id != caller.id");
        assert_eq!(on_order("user_id: string max 9", &compared), 0);
    }

    #[test]
    fn nor_of_a_new_one() {
        let post = |clauses: &str| {
            let route = format!(
                "route POST /o {{ accept [access] body change {clauses} creates order returns order.v }}"
            );
            on_order("user_id: string max 9", &route)
        };
        assert_eq!(post("needs write:orders"), 1);
        assert_eq!(post("needs write:orders allow when own"), 0);
        assert_eq!(post("needs write:all"), 0);
    }
}
