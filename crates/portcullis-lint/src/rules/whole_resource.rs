//! `whole_resource`: a view shows all that the application has of an object.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::{resources, views};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "whole_resource",
    level: Severity::Note,
    owasp: &[Owasp::PropertyAuthorization],
    finds: "A view shows every attribute of a resource that has six or more of them, none of which is `secret`.",
    why: "Hardly any client needs all. Most often the view was written down from the type of the application, and shows \
          what is there in the place of what is asked for.",
    example: r#"
transport { hosts ["library.example"] }

resource book {
    key         id: uuid
    title:      string
    shelf:      string
    price:      int
    supplier:   string
    bought_at:  time

    view card { id title shelf price supplier bought_at }
}

route GET /books/{id} {
    public
    params   { id: uuid }
    loads    book by params.id
    returns  book.card
}
"#,
    mend: "Show what the clients of the route need; keep a wider view for those who need more.",
    mended: r#"
transport { hosts ["library.example"] }

resource book {
    key         id: uuid
    title:      string
    shelf:      string
    price:      int
    supplier:   string
    bought_at:  time

    view card { id title shelf }
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

/// As many attributes, and a view of all of them is no longer what anybody would write.
const MANY: usize = 6;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (resource, planned) in resources(compilation).zip(&plan.resources) {
        let attributes = planned.attributes.len();
        if attributes < MANY || planned.attributes.iter().any(|attribute| attribute.secret) {
            continue;
        }
        for (view, shown) in views(resource).zip(&planned.views) {
            let all = (0..attributes)
                .all(|slot| shown.fields.iter().any(|field| field.attribute == slot));
            if all {
                let message =
                    format!("`{}.{}` shows all {attributes} attributes", planned.name, shown.name);
                let help = "show what clients need, or declare `secret` what never leaves";
                found.push(RULE.finding(view.name.span, message).help(help));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_view_shows_less_than_there_is() {
        let found = |attributes: &str, view: &str| {
            let policy = format!(
                "resource book {{ key a: int b: int c: int d: int e: int {attributes}
                    view rest {{ c d e }} view v {{ {view} }} }}
                route GET /b {{ public lists book max 5 returns [book.v] }}"
            );
            count("whole_resource", &policy)
        };
        assert_eq!(found("f: int", "a b ...rest f"), 1);
        assert_eq!(found("f: int", "a b ...rest"), 0);
        assert_eq!(found("", "a b ...rest"), 0);
        assert_eq!(found("f: int g: string secret", "a b ...rest f"), 0);
        assert_eq!(found("f: int", "a b ...rest f waive whole_resource \"a test\""), 0);
    }
}
