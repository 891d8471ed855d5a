//! `unmarked_secret`: an attribute looks like a secret, and is not declared one.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::{attributes, resources};
use crate::rule::{Owasp, Rule};
use crate::words::is_secret;

pub(crate) const RULE: Rule = Rule {
    name: "unmarked_secret",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization],
    finds: "An attribute has a name that says that its value lets somebody in, and is not declared `secret`. No view \
            shows it and no condition reads it.",
    why: "Nothing keeps the next view from showing it. What is `secret` does not compile there.",
    example: r#"
transport { hosts ["library.example"] }

resource reader {
    key             card: string
    name:           string
    password_hash:  string

    view public { card name }
}

route GET /readers/{card} {
    public
    params   { card: string max 40 }
    loads    reader by params.card
    returns  reader.public
}
"#,
    mend: "Write `secret` behind its type; or take it away, where the policy does not speak of it.",
    mended: r#"
transport { hosts ["library.example"] }

resource reader {
    key             card: string
    name:           string
    password_hash:  string  secret

    view public { card name }
}

route GET /readers/{card} {
    public
    params   { card: string max 40 }
    loads    reader by params.card
    returns  reader.public
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, (resource, planned)) in resources(compilation).zip(&plan.resources).enumerate() {
        for (attribute, (slot, known)) in
            attributes(resource).zip(planned.attributes.iter().enumerate())
        {
            let shown = planned.views.iter().flat_map(|view| &view.fields);
            let shown = shown.into_iter().any(|field| field.attribute == slot);
            let read = compilation.plans.iter().any(|plan| {
                let planned = plan.resources.get(index);
                let known = planned.and_then(|found| found.attributes.get(slot));
                known.is_some_and(|known| known.read)
            });
            let idle = !known.secret && !attribute.key && !shown && !read;
            if idle && is_secret(&known.name, &known.kind) {
                let message = format!("`{}.{}` is not declared `secret`", planned.name, known.name);
                let help = format!("write `secret` behind its type: `{}: … secret`", known.name);
                found.push(RULE.finding(attribute.name.span, message).help(help));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_secret_is_declared() {
        let found = |attribute: &str, more: &str| {
            let policy = format!(
                "resource user {{ {attribute} view v {{ name }} name: string {more} }}
                route GET /u {{ public lists user max 5 allow when user.name != \"a\" returns [user.v] }}"
            );
            count("unmarked_secret", &policy)
        };
        assert_eq!(found("password: string", ""), 1);
        assert_eq!(found("password: string secret", ""), 0);
        assert_eq!(found("reset_token: string?", ""), 1);
        assert_eq!(found("key token: string", ""), 0);
        assert_eq!(found("age: int", ""), 0);
        // Another rule has that.
        assert_eq!(found("token: string", "view w { token }"), 0);
        let read = "predicate p { user.token == \"a\" } visible when p";
        assert_eq!(found("token: string", read), 0);
        assert_eq!(found("token: string", "waive unmarked_secret \"a test\""), 0);
    }
}
