//! `open_allow`: an `allow` that holds for every request.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::clauses::{Kind, Use, clauses};
use crate::logic::MOST_COMPARED;
use crate::reach::holds_for_all;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "open_allow",
    level: Severity::Warning,
    owasp: &[Owasp::ObjectAuthorization, Owasp::FunctionAuthorization],
    finds: "An `allow` that holds for every request that comes so far: it is true by itself, or asks for what \
            the route asks of everybody anyway. Or one of those that ask about the object holds for every role that \
            may call the route, whatever the object is: `own or caller is reader`, where all are readers.",
    why: "One `allow` is enough to be let in, so all others of the route are without effect. The route looks \
          as if it told callers apart. A condition that reads a setting is not judged.",
    example: with_loans!(
        r#"
route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    allow    when caller can read:loans
    returns  loan.full
}
"#
    ),
    mend: "Ask for what only some have; or take every `allow` away and waive [`unchecked_object`](unchecked_object.md), \
           where all are meant.",
    mended: with_loans!(
        r#"
role desk inherits reader { read:all_loans }

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    allow    when caller can read:all_loans
    returns  loan.full
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let open = clauses(compilation).into_iter().filter_map(|(span, uses)| {
        let always = |found: &Use<'_>| found.known.always(found.condition);
        let message = if !uses.iter().all(|found| found.kind == Kind::Allow) {
            return None;
        } else if uses.iter().all(always) {
            "this `allow` holds for every request that comes here"
        } else if uses.iter().all(|found| always(found) || passes_over_object(found, span)) {
            "this `allow` holds for every role that comes here, whatever the object is"
        } else {
            return None;
        };
        let help = "ask for what only some have, or take the clause away where all are meant";
        Some(RULE.finding(span, message).help(help))
    });
    open.collect()
}

/// Whether it stands among those that ask about the object, and holds for all who come, by their roles.
fn passes_over_object(found: &Use<'_>, span: Span) -> bool {
    let route = found.known.route;
    // What is decided here and not before reads the object in one of its ways.
    let mut groups = [&route.object, &route.rows].into_iter().flat_map(|checks| &checks.allows);
    groups.any(|group| group.iter().take(MOST_COMPARED).any(|allow| allow.span == span))
        && holds_for_all(found.known.plan, route, found.condition)
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_role_that_all_have_is_no_check_of_an_object() {
        let found = |roles: &str, clauses: &str| {
            let policy = format!(
                "{roles} role guest {{ read:none }}
                resource order {{ key id: uuid user: string
                    predicate own {{ order.user == caller.id }} view v {{ id }} }}
                route GET /none {{ accept [access] needs read:none returns nothing }}
                route GET /o/{{id}} {{ accept [access] params {{ id: uuid }} {clauses}
                    loads order by params.id returns order.v }}
                route GET /o {{ accept [access] needs read:all returns nothing }}"
            );
            count("open_allow", &policy)
        };
        let roles = "role user { read:orders } role admin inherits user { read:all }";
        for open in [
            "allow when own or caller is user",
            "allow when own allow when caller is user",
            "allow when own allow when caller is user or caller is admin",
            "allow when own allow when caller is user and caller can read:orders",
        ] {
            assert_eq!(found(roles, &format!("needs read:orders {open}")), 1, "{open}");
            // Here come guests too, and those without a role.
            assert_eq!(found(roles, &format!("signed_in {open}")), 0, "{open}");
        }
        for some in [
            "allow when own or caller is admin",
            "allow when own allow when caller is admin",
            "allow when own and caller is user",
            "allow when own or not (caller is admin)",
            "allow when caller is user",
        ] {
            assert_eq!(found(roles, &format!("needs read:orders {some}")), 0, "{some}");
        }
        let staff = "needs read:all allow when own or caller is user";
        assert_eq!(found(roles, staff), 1);
        let barred = "needs read:orders deny when not (caller is admin) \
            allow when own allow when caller is admin";
        assert_eq!(found(roles, barred), 1);
        let one = "role user { read:orders read:all }";
        assert_eq!(found(one, "needs read:orders allow when own or caller is user"), 1);
        let waived = "needs read:orders allow when own or caller is user \
            waive open_allow \"a test\"";
        assert_eq!(found(roles, waived), 0);
    }

    #[test]
    fn an_allow_tells_callers_apart() {
        let found = |allow: &str| {
            let policy = format!(
                "setting open: bool {{ always true }}
                role user {{ read:orders }} role admin {{ read:orders read:others }}
                resource order {{ key id: uuid user: string public: bool
                    predicate own {{ order.user == caller.id }} view v {{ id }} }}
                route GET /o/{{id}} {{ accept [access] params {{ id: uuid }} needs read:orders
                    loads order by params.id allow when own allow when {allow} returns order.v }}"
            );
            count("open_allow", &policy)
        };
        assert_eq!(found("true"), 1);
        assert_eq!(found("exists caller"), 1);
        assert_eq!(found("order.public or not order.public"), 1);
        assert_eq!(found("caller can read:orders"), 1);
        assert_eq!(found("caller can read:others"), 0);
        assert_eq!(found("order.public"), 0);
        assert_eq!(found("open"), 0);
        assert_eq!(found("true waive open_allow \"a test\""), 0);
    }
}
