//! `shown_secret`: a view or an answer shows what looks like a secret.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Content, Plan, Returned};
use portcullis_syntax::ast::ViewPart;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::{resources, views};
use crate::rule::{Owasp, Rule};
use crate::words::is_secret;

pub(crate) const RULE: Rule = Rule {
    name: "shown_secret",
    level: Severity::Error,
    owasp: &[Owasp::PropertyAuthorization, Owasp::Authentication],
    finds: "A view, or a `returns { … }` written out in a route, shows a field whose name says that its value lets \
            somebody in: a password or its hash, a token, a PIN, an API key.",
    why: "Whoever may see the object may then be its owner. Such a field comes into an answer when a view grows by what \
          a client asks for.",
    example: r#"
transport { hosts ["library.example"] }

resource reader {
    key             card: string
    name:           string
    password_hash:  string

    view public { card name password_hash }
}

route GET /readers/{card} {
    public
    params   { card: string max 40 }
    loads    reader by params.card
    returns  reader.public
}
"#,
    mend: "Take it out of the view, and write `secret` behind its type: then it is in no view and no condition. A \
           token that is shown once, to whoever made it, is a reason for a waiver.",
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
    for (resource, planned) in resources(compilation).zip(&plan.resources) {
        let secret = |name: &str| {
            let attribute = planned.attributes.iter().find(|attribute| attribute.name == name);
            attribute.is_some_and(|attribute| is_secret(name, &attribute.kind))
        };
        for view in views(resource) {
            for part in &view.parts {
                let ViewPart::Shown(shown) = part else { continue };
                if shown.view.is_none() && secret(&shown.name.node) {
                    let (view, name) = (&view.name.node, &shown.name.node);
                    let message = format!("`{}.{view}` shows `{name}`", planned.name);
                    let help = "take it out of the view, and declare it `secret`";
                    found.push(RULE.finding(shown.name.span, message).help(help));
                }
            }
        }
    }
    found.extend(written_out(plan));
    found
}

/// The plain values of answers that a route writes out.
fn written_out(plan: &Plan) -> impl Iterator<Item = Diagnostic> {
    let open = plan.routes.iter().filter(|route| route.retired.is_none());
    let returns = open.flat_map(|route| &route.returns);
    let fields = returns.flat_map(|returns| match &returns.returned {
        Returned::Envelope(fields) => fields.iter().map(|field| (field, returns.span)).collect(),
        _ => Vec::new(),
    });
    fields.filter_map(|(field, place)| {
        let Content::Plain(kind) = &field.content else { return None };
        let named = [&field.name, &field.wire].into_iter().find(|name| is_secret(name, kind))?;
        let message = format!("this answer shows `{named}`");
        Some(RULE.finding(place, message).help("take it out of the answer"))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn no_view_shows_a_secret() {
        let found = |attribute: &str, shows: &str| {
            let policy = format!(
                "resource other {{ key id: int view w {{ id }} }}
                resource user {{ key id: uuid {attribute} view v {{ id {shows} }} view w {{ ...v }} }}
                route GET /u/{{id}} {{ public params {{ id: uuid }} loads user by params.id
                    returns user.w }}"
            );
            count("shown_secret", &policy)
        };
        for name in ["password", "reset_token", "api_key", "pin", "recovery_secret", "card_cvv"] {
            assert_eq!(found(&format!("{name}: string"), name), 1, "{name}");
            assert_eq!(found(&format!("{name}: string"), ""), 0, "{name}");
        }
        assert_eq!(found("tokens: [string]", "tokens"), 0);
        assert_eq!(found("token: [string]", "token"), 1);
        assert_eq!(found("pin: int", "pin as \"code\""), 1);
        assert_eq!(found("pin: bool", "pin"), 0);
        assert_eq!(found("token: other", "token.w"), 0);
        assert_eq!(found("password_changed_at: time", "password_changed_at"), 0);
        assert_eq!(found("token: string", "token waive shown_secret \"a test\""), 0);
    }

    #[test]
    fn nor_does_an_answer_that_is_written_out() {
        let found = |fields: &str, more: &str| {
            let policy = format!(
                "resource user {{ key id: uuid view v {{ id }} }}
                route GET /u/{{id}} {{ public params {{ id: uuid }} loads user by params.id
                    returns {{ user: user.v {fields} }} {more} }}"
            );
            count("shown_secret", &policy)
        };
        assert_eq!(found("password_hash: string", ""), 1);
        assert_eq!(found("password: string? reset_token: string", ""), 2);
        assert_eq!(found("code: string as \"apiKey\"", ""), 1, "by what the outside calls it");
        assert_eq!(found("next: int? token_type: string has_password: bool", ""), 0);
        assert_eq!(found("token: string", "waive shown_secret \"shown once\""), 0);
    }
}
