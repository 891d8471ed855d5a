//! `open_allow`: an `allow` that holds for every request.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::clauses::{Kind, clauses};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "open_allow",
    level: Severity::Warning,
    owasp: &[Owasp::ObjectAuthorization, Owasp::FunctionAuthorization],
    finds: "An `allow` that holds for every request that comes so far: it is true by itself, or asks for what \
            the route asks of everybody anyway.",
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
    let open = clauses(compilation).into_iter().filter(|(_, uses)| {
        uses.iter().all(|found| found.kind == Kind::Allow && found.known.always(found.condition))
    });
    open.map(|(span, _)| {
        RULE.finding(span, "this `allow` holds for every request that comes here")
            .help("ask for what only some have, or take the clause away where all are meant")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

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
