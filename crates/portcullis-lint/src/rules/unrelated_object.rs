//! `unrelated_object`: the clauses of a route speak of the object that it loads, and not of whose it is.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, Route};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::ownership::{Tie, tie};
use crate::reach::Usual;
use crate::relation::speaks_of_object;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unrelated_object",
    level: Severity::Warning,
    owasp: &[Owasp::ObjectAuthorization],
    finds: "The clauses of a route speak of the object that it loads, and none of them relates the caller to it: \
            no attribute of the one is compared with one of the other, or only so that the caller may have \
            everybody's objects but their own; where staff is kept from their own, that is meant.",
    why: "A condition on the object alone is the same for everybody. Whoever may call the route reads or \
          changes what is another's by changing an id, as long as the object is in the right state. A `public` \
          route is open on purpose and is not reported.",
    example: with_access!(
        r#"
role reader { read:loans }

enum loan_state { requested running returned }

resource loan {
    key      id: uuid
    reader:  string
    state:   loan_state

    predicate lent { loan.state == running }

    view full { id state }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when lent
    returns  loan.full
}
"#
    ),
    mend: "Add a clause that relates the caller to the object; or a waiver with the reason why every caller may \
           have every such object.",
    mended: with_access!(
        r#"
role reader { read:loans }

enum loan_state { requested running returned }

resource loan {
    key      id: uuid
    reader:  string
    state:   loan_state

    predicate own  { loan.reader == caller.id }
    predicate lent { loan.state == running }

    view full { id state }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when lent and own
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
    let asked = |route: &&Route| {
        matches!(route.access, Access::Credential(_))
            && route.retired.is_none()
            && speaks_of_object(route)
    };
    let found = plan.routes.iter().filter(asked).filter_map(|route| {
        let loads = route.loads.first()?;
        let resource = plan.resources.get(loads.resource)?;
        let name = &resource.name;
        let (message, about) = match tie(plan, route) {
            Tie::None => (
                format!("no clause here relates the caller to the `{name}`"),
                "this is the same for every caller",
            ),
            Tie::Apart if !usual.is_for_staff(plan, route, loads.resource) => (
                format!("callers have every `{name}` here but their own"),
                "this asks that it is another's",
            ),
            _ => return None,
        };
        let finding = RULE.finding(loads.span, message);
        let finding = match clause(route) {
            Some(span) => finding.and(span, about),
            None => finding,
        };
        Some(finding.help("say whose: `allow when …`, with a predicate that names both"))
    });
    found.collect()
}

/// A clause that speaks of the object.
fn clause(route: &Route) -> Option<Span> {
    let guards = route.object.requires.iter().chain(&route.object.denies).map(|found| found.span);
    route.object.allows.iter().flatten().map(|found| found.span).chain(guards).next()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn on_order(keys: &str, by: &str, clauses: &str) -> usize {
        let policy = format!(
            "role user {{ read:orders }} role admin inherits user {{ read:all }}
            resource order {{ {keys} user: string open: bool team: [string] code: string left: int
                predicate own {{ order.user == caller.id }} view v {{ open }} }}
            route GET /o/{{user}}/{{id}} {{ accept [access]
                params {{ user: string max 9 id: string max 9 }}
                query {{ code: string max 9 many: int 1..9 default 1 }} needs read:orders
                loads order by {by} {clauses} returns order.v }}"
        );
        count("unrelated_object", &policy)
    }

    #[test]
    fn some_clause_relates_the_caller_to_the_object() {
        let found = |clauses: &str| on_order("key id: string", "params.id", clauses);
        assert_eq!(found("allow when order.open"), 1);
        assert_eq!(found("deny when not order.open"), 1);
        assert_eq!(found("deny when order.open unless caller is admin"), 1);
        assert_eq!(found("allow when order.open or own"), 0);
        // Everybody's but the caller's own.
        assert_eq!(found("deny when own"), 1);
        assert_eq!(found("allow when order.user != caller.id"), 1);
        assert_eq!(found("allow when not own"), 1);
        assert_eq!(found("deny when not (order.user != caller.id)"), 1);
        assert_eq!(found("allow when not (order.user != caller.id)"), 0);
        assert_eq!(found("allow when own deny when own and order.open"), 0);
        // Staff decides on what is not its own.
        assert_eq!(found("needs read:all deny when own"), 0);
        assert_eq!(found("allow when caller.id in order.team"), 0);
        // Whoever knows the code has been given it.
        assert_eq!(found("allow when order.code == query.code"), 0);
        assert_eq!(found("deny when order.code != query.code"), 0);
        assert_eq!(found("deny when order.left < query.many"), 1);
        // Whoever names another's id proves nothing by it.
        assert_eq!(found("allow when order.user == params.user"), 1);
        // Another rule has that.
        assert_eq!(found(""), 0);
        assert_eq!(found("allow when order.open waive unrelated_object \"a test\""), 0);
    }

    #[test]
    fn a_key_may_relate_them() {
        let found = |by: &str, clauses: &str| {
            let clauses = format!("allow when order.open {clauses}");
            on_order("key owner: string key id: string", by, &clauses)
        };
        assert_eq!(found("[params.user, params.id]", ""), 1);
        assert_eq!(found("[caller.id, params.id]", ""), 0);
        assert_eq!(found("[params.user, params.id]", "deny when params.user != caller.id"), 0);
    }
}
