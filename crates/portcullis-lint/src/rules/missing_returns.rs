//! `missing_returns`: a route answers with whatever its handler returns.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "missing_returns",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization],
    finds: "A route answers with whatever its handler returns.",
    why: "The policy cannot say which fields leave: a struct that grows a field shows it.",
    example: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

route GET /books {
    public
    lists book max 100
}
"#,
    mend: "Return a view of what may leave.",
    mended: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

route GET /books {
    public
    lists    book max 100
    returns  [book.card]
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let open =
        plan.routes.iter().filter(|route| route.returns.is_empty() && route.retired.is_none());
    open.map(|route| {
        RULE.finding(
            route.span,
            format!("`{} {}` does not say what may leave", route.method, route.pattern),
        )
        .help("name a view: `returns RESOURCE.VIEW`")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_route_says_what_leaves() {
        let policy = |more: &str| {
            format!(
                "transport {{ hosts [\"a.example\"] }}
                resource r {{ key id: int view v {{ id }} }}
                route GET /a {{ public lists r max 5 {more} }}"
            )
        };
        assert_eq!(codes(&policy("")), ["missing_returns"]);
        assert_eq!(codes(&policy("returns [r.v]")), [""; 0]);
    }
}
