//! `dead_guard`: a `deny` that never holds, a `require` that always does.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::clauses::{Kind, clauses};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "dead_guard",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization, Owasp::ObjectAuthorization],
    finds: "A `deny` that never holds, or a `require` or `visible` that always does, on every route that it \
            is for.",
    why: "It reads like a protection and refuses nobody: whoever reviews the policy counts on it. A \
          condition that reads a setting is not judged.",
    example: with_loans!(
        r#"
route PUT /loans/{id} {
    accept   [access]
    params   { id: uuid }
    body     { state: string one of ["running", "returned"] }
    needs    write:loans
    loads    loan by params.id
    allow    when own
    deny     when body.state == "requested"
    returns  loan.full
}

role desk { write:loans }

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    returns  loan.full
}
"#
    ),
    mend: "Compare with what there can be, or take the clause away.",
    mended: with_loans!(
        r#"
route PUT /loans/{id} {
    accept   [access]
    params   { id: uuid }
    body     { state: string one of ["running", "returned"] }
    needs    write:loans
    loads    loan by params.id
    allow    when own
    deny     when loan.state == requested
    returns  loan.full
}

role desk { write:loans }

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
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
    let mut found = Vec::new();
    for (span, uses) in clauses(compilation) {
        let dead = uses.iter().all(|found| match found.kind {
            Kind::Allow => false,
            Kind::Deny => found.known.never(found.condition),
            Kind::Require => found.known.always(found.condition),
        });
        if !dead {
            continue;
        }
        let denies = uses.iter().any(|found| found.kind == Kind::Deny);
        let message = if denies {
            "this `deny` never holds"
        } else {
            "this holds for every request, and refuses none"
        };
        found.push(RULE.finding(span, message).help("say what is to be refused, or take it away"));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn on_order(group: &str, clauses: &str, other: &str) -> usize {
        let policy = format!(
            "setting closed: bool {{ production true development false }}
            role user {{ read:orders }}
            enum state {{ placed paid shipped }}
            resource order {{ key id: uuid user: string state: state
                predicate own {{ order.user == caller.id }} view v {{ id }} }}
            group /o/{{id}} {{ accept [access] params {{ id: uuid }} {group}
                route GET /a {{ {clauses} loads order by params.id allow when own returns order.v }}
                route GET /b {{ {other} returns nothing }} }}"
        );
        count("dead_guard", &policy)
    }

    #[test]
    fn a_guard_refuses_somebody() {
        let found = |clauses: &str| on_order("", &format!("needs read:orders {clauses}"), "public");
        assert_eq!(found("deny when order.state == placed and order.state == paid"), 1);
        assert_eq!(found("deny when not (caller can read:orders)"), 1);
        assert_eq!(found("require when exists caller"), 1);
        assert_eq!(found("require when caller is user or not (caller is user)"), 1);
        assert_eq!(found("deny when order.state == placed unless caller is user"), 0);
        assert_eq!(found("require when order.state >= paid"), 0);
        assert_eq!(found("deny when closed and not closed"), 0);
        assert_eq!(found("require when exists caller waive dead_guard \"a test\""), 0);
    }

    #[test]
    fn what_a_group_says_holds_on_one_of_its_routes_at_least() {
        let group = "require when exists caller";
        assert_eq!(on_order(group, "needs read:orders", "signed_in"), 1);
        assert_eq!(on_order(group, "needs read:orders", "public"), 0);
        assert_eq!(on_order(group, "needs read:orders", "retired"), 1);
    }
}
