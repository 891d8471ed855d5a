//! `public_personal_data`: whoever has no credential is shown what is of a person.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Content, Plan, Returned, Route, ViewOf};
use portcullis_syntax::{Diagnostic, Severity};

use crate::reach::{Reach, may_hold_for_nobody};
use crate::rule::{Owasp, Rule};
use crate::words::is_personal;

pub(crate) const RULE: Rule = Rule {
    name: "public_personal_data",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization, Owasp::ObjectAuthorization],
    finds: "A route that lets in whoever has no credential shows an attribute of a person: an address, a phone number, a \
            date of birth. What somebody has just sent themselves, by `creates`, is not reported.",
    why: "What is public is collected, by machines and for good.",
    example: r#"
transport { hosts ["library.example"] }

resource author {
    key     id: uuid
    name:   string
    email:  string

    view card { id name email }
}

route GET /authors/{id} {
    public
    params   { id: uuid }
    loads    author by params.id
    returns  author.card
}
"#,
    mend: "Show a view without it to everybody, and the wider one to those who sign in.",
    mended: r#"
transport { hosts ["library.example"] }

resource author {
    key     id: uuid
    name:   string
    email:  string

    view card { id name }
}

route GET /authors/{id} {
    public
    params   { id: uuid }
    loads    author by params.id
    returns  author.card
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
        if route.creates.is_some() || !Reach::of(plan, route).anonymous {
            continue;
        }
        for (shown, place) in shown_to_nobody(plan, route) {
            for name in personal(plan, shown) {
                let message = format!("whoever has no credential sees `{name}`");
                let help = "show a view without it to those who have not signed in";
                found.push(RULE.finding(place, message).help(help));
            }
        }
    }
    found
}

/// The views that somebody without a credential may be shown.
fn shown_to_nobody(plan: &Plan, route: &Route) -> Vec<(ViewOf, portcullis_syntax::Span)> {
    let mut found = Vec::new();
    for returns in &route.returns {
        let condition = returns.condition.as_ref();
        if condition.is_some_and(|condition| !may_hold_for_nobody(plan, condition)) {
            continue;
        }
        match &returns.returned {
            Returned::View(of) | Returned::List(of) => found.push((*of, returns.span)),
            Returned::Envelope(fields) => {
                found.extend(fields.iter().filter_map(|field| match field.content {
                    Content::View(of) | Content::List(of) => Some((of, returns.span)),
                    Content::Plain(_) => None,
                }))
            }
            Returned::Nothing | Returned::Opaque => {}
        }
    }
    found
}

/// The attributes of a person that a view shows, as `user.email`.
fn personal(plan: &Plan, of: ViewOf) -> Vec<String> {
    let Some(resource) = plan.resources.get(of.resource) else {
        return Vec::new();
    };
    let fields = resource.views.get(of.view).into_iter().flat_map(|view| &view.fields);
    let shown = fields.filter_map(|field| resource.attributes.get(field.attribute));
    let personal = shown.filter(|attribute| is_personal(&attribute.name));
    personal.map(|attribute| format!("{}.{}", resource.name, attribute.name)).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn what_is_of_a_person_is_not_for_everybody() {
        let found = |shows: &str, clauses: &str| {
            let policy = format!(
                "role user {{ read:users }}
                resource user {{ key id: uuid name: string email: string home_phone: string
                    view v {{ id name }} view w {{ {shows} }} }}
                route GET /u/{{id}} {{ params {{ id: uuid }} loads user by params.id {clauses} }}"
            );
            count("public_personal_data", &policy)
        };
        assert_eq!(found("id email", "public returns user.w"), 1);
        assert_eq!(found("email home_phone", "public returns { found: user.w }"), 2);
        assert_eq!(found("id name", "public returns user.w"), 0);
        assert_eq!(found("email", "accept [access] signed_in returns user.w"), 0);
        let optional = "public optional accept [access]";
        assert_eq!(found("email", &format!("{optional} returns user.w")), 1);
        assert_eq!(
            found(
                "email",
                &format!("{optional} returns user.w when caller is user returns user.v")
            ),
            0
        );
        assert_eq!(
            found("email", "public returns user.w waive public_personal_data \"a test\""),
            0
        );
    }
}
