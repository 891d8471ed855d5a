//! `client_set_price`: a client sends what its own object costs.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Operand, Plan, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::reach::Usual;
use crate::relation::owners;
use crate::rule::{Owasp, Rule};
use crate::sent::sent;
use crate::words::{is_money, plain};

pub(crate) const RULE: Rule = Rule {
    name: "client_set_price",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization, Owasp::BusinessFlows],
    finds: "A number in a body is called like money (`price`, `total`, `discount`, `balance`), the object that the route \
            creates or changes has an attribute of that name, and any client may send it.",
    why: "Whoever buys says what it costs. Not reported are objects that belong to nobody and take a permission to \
          write, as products do, routes for staff, and fields that a clause of the route or a `check` reads.",
    example: with_access!(
        r#"
role reader { write:orders }

resource order {
    key      id: uuid
    reader:  string
    total:   int

    predicate own { order.reader == caller.id }

    view full { id total }
}

route POST /orders {
    accept   [access]
    body     { book: uuid  total: int 0..10_000 }
    needs    write:orders
    allow    when own
    creates  order
    returns  order.full
}
"#
    ),
    mend: "Take the field out of the input, and let the service work it out; or say who may send it: `settable when …`.",
    mended: with_access!(
        r#"
role reader { write:orders }

resource order {
    key      id: uuid
    reader:  string
    total:   int

    predicate own { order.reader == caller.id }

    view full { id total }
}

route POST /orders {
    accept   [access]
    body     { book: uuid }
    needs    write:orders
    allow    when own
    creates  order
    returns  order.full
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
        for (slot, field) in sent(route) {
            let money = is_money(&field.name, &field.rule.kind);
            if !money || slot.is_some_and(|slot| is_read(route, slot)) {
                continue;
            }
            let of = route.objects().find(|resource| has(plan, *resource, &field.name));
            let Some(resource) = of else { continue };
            let owned = owners.iter().any(|(of, _)| *of == resource);
            if (!owned && !route.needs.is_empty()) || usual.is_for_staff(plan, route, resource) {
                continue;
            }
            let message = format!("any client may say what `{}` is", field.name);
            let help = "take it out of the input, or say who may send it: `settable when …`";
            found.push(
                RULE.finding(field.span, message).and(route.span, "on this route").help(help),
            );
        }
    }
    found.sort_by_key(|finding: &Diagnostic| finding.span());
    found.dedup_by_key(|finding| finding.span());
    found
}

fn has(plan: &Plan, resource: usize, name: &str) -> bool {
    let attributes = plan.resources.get(resource).map(|resource| &resource.attributes);
    attributes.into_iter().flatten().any(|attribute| plain(&attribute.name) == plain(name))
}

fn is_read(route: &Route, slot: usize) -> bool {
    let checks = route.body.iter().filter_map(|body| body.shape()).flat_map(|shape| &shape.checks);
    let mut read = false;
    for condition in route.conditions().chain(checks.map(|check| &check.condition)) {
        condition.reads(&mut |operand| read |= *operand == Operand::Body(slot));
    }
    read
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn found(field: &str, owner: &str, clauses: &str) -> usize {
        let policy = format!(
            "role user {{ write:orders }} role admin inherits user {{ write:all }}
            resource order {{ key id: uuid user: string total: int price: number name: string
                predicate own {{ {owner} }} view v {{ id }} }}
            input change {{ {field} }}
            route GET /o/{{id}} {{ accept [access] params {{ id: uuid }} needs write:orders
                loads order by params.id allow when own returns order.v }}
            route PUT /o/{{id}} {{ accept [access] params {{ id: uuid }} body change
                loads order by params.id allow when own {clauses} returns order.v }}"
        );
        count("client_set_price", &policy)
    }

    #[test]
    fn what_it_costs_is_not_the_clients_to_say() {
        let own = "order.user == caller.id";
        let needs = "needs write:orders";
        assert_eq!(found("total: int 0..9", own, needs), 1);
        assert_eq!(found("price: number 0..9", own, needs), 1);
        assert_eq!(found("total: string max 9", own, needs), 0);
        // The object has none.
        assert_eq!(found("discount: int 0..9", own, needs), 0);
        assert_eq!(found("total: int? 0..9 settable when caller is admin", own, needs), 0);
        assert_eq!(found("total: int 0..9 waive client_set_price \"a test\"", own, needs), 0);
        assert_eq!(found("total: int 0..9", own, "needs write:orders deny when body.total < 5"), 0);
        assert_eq!(found("total: int 0..9", own, "needs write:all"), 0);
        // Nobody's object takes a permission, as products do.
        assert_eq!(found("price: number 0..9", "order.name == \"a\"", needs), 0);
        assert_eq!(found("price: number 0..9", "order.name == \"a\"", "signed_in"), 1);
    }
}
