//! `opaque_object`: a route has an object, and answers what its handler likes.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Returned;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "opaque_object",
    level: Severity::Note,
    owasp: &[Owasp::PropertyAuthorization],
    finds: "A route loads, lists or creates an object, and `returns opaque`.",
    why: "`opaque` is for what is no object of the policy: figures, files, pages. Where there is one, a view says which of \
          its fields may leave, and the type that grows a field does not show it.",
    example: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

route GET /books {
    public
    lists    book max 100
    returns  opaque "the handler has a type for it"
}

route GET /books/{id} {
    public
    params   { id: uuid }
    loads    book by params.id
    returns  book.card
}
"#,
    mend: "Return a view, or an envelope with views in it; or waive it where a file or a page is sent.",
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

route GET /books/{id} {
    public
    params   { id: uuid }
    loads    book by params.id
    returns  book.card
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
        let Some(object) = route.objects().last().and_then(|index| plan.resources.get(index))
        else {
            continue;
        };
        for returns in &route.returns {
            if returns.returned == Returned::Opaque {
                let message = format!("nothing says which fields of the `{}` leave", object.name);
                let help = format!("return a view: `{}.VIEW`, or an envelope with it", object.name);
                found.push(RULE.finding(returns.span, message).help(help));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn an_object_is_shown_by_a_view() {
        let found = |route: &str| {
            let policy = format!(
                "resource book {{ key id: uuid view v {{ id }} }}
                route GET /b/{{id}} {{ public params {{ id: uuid }} {route} }}"
            );
            count("opaque_object", &policy)
        };
        assert_eq!(found("loads book by params.id returns opaque \"a file\""), 1);
        assert_eq!(found("lists book max 5 returns opaque \"a file\""), 1);
        assert_eq!(found("loads book by params.id returns book.v"), 0);
        assert_eq!(found("returns opaque \"a file\""), 0);
        let waived =
            "loads book by params.id returns opaque \"a file\" waive opaque_object \"a file\"";
        assert_eq!(found(waived), 0);
    }
}
