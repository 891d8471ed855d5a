//! `unused_declaration`: an input, an enum, a resource or a view that nothing names, a credential that no route
//! takes, a scope that no token has.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{ClaimType, Content, Plan, Returned, ViewOf};
use portcullis_syntax::ast::{Item, Name};
use portcullis_syntax::{Diagnostic, Severity};

use super::unused_predicate::words_elsewhere;
use crate::declared::{items, resources, views};
use crate::relation::had;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unused_declaration",
    level: Severity::Note,
    owasp: &[Owasp::InventoryManagement, Owasp::Misconfiguration],
    finds: "An input or an enum that nothing names; a resource that no route and no action has, or a view of \
            another that nothing names; a credential that no route accepts and no session gives out, where there are no \
            actions either; or a scope, where no credential gives scopes.",
    why: "It reads as if something were held to it. Mostly the clause that was to name it is missing, or names its \
          neighbour.",
    example: r#"
transport { hosts ["library.example"] }

input new_book { title: string max 80 }
input new_loan { days: int 1..28 }

route POST /books/search {
    public
    body     new_book
    returns  nothing
}
"#,
    mend: "Name it where it was meant, or take it away.",
    mended: r#"
transport { hosts ["library.example"] }

input new_book { title: string max 80 }

route POST /books/search {
    public
    body     new_book
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    // A policy without routes is not written yet.
    if plan.routes.is_empty() {
        return Vec::new();
    }
    let had = had(plan);
    let (used, unused): (Vec<_>, Vec<_>) =
        resources(compilation).enumerate().partition(|(index, _)| had.contains(index));
    // Where nothing is shown of a resource, that is for other rules to tell.
    let of_views = used.into_iter().filter(|(index, _)| is_shown(plan, *index));
    let of_views = of_views.flat_map(|(_, resource)| views(resource));
    let of_views = of_views.map(|view| ("view", &view.name));
    let named = items(compilation).filter_map(|item| match item {
        Item::Input(found) => Some(("input", &found.name)),
        Item::Enumeration(found) => Some(("enum", &found.name)),
        _ => None,
    });
    let declared = named.chain(of_views).collect::<Vec<_>>();
    let places = declared.iter().map(|(_, name)| name.span).collect::<HashSet<_>>();
    let words = words_elsewhere(compilation, &places);
    let named = |name: &Name| words.contains(name.node.as_str());
    let mut found = declared.into_iter().filter(|(_, name)| !named(name)).collect::<Vec<_>>();
    found.extend(unused.into_iter().map(|(_, resource)| ("resource", &resource.name)));

    let scopes = plan.caller.iter().any(|attribute| attribute.kind == ClaimType::Scopes);
    for item in items(compilation) {
        match item {
            Item::Scope(scope) if !scopes => found.push(("scope", &scope.name)),
            // An action is done by whoever has any credential.
            Item::Credential(credential) if plan.actions.is_empty() => {
                let name = &credential.name.node;
                let index = plan.credentials.iter().position(|known| known.name == *name);
                // Others may take what the session gives out.
                let given = |index: &usize| {
                    plan.session.as_ref().is_some_and(|session| session.access == *index)
                };
                let taken = |index: &usize| {
                    given(index)
                        || plan.routes.iter().any(|route| route.access.accepted().contains(index))
                };
                if index.is_some_and(|index| !taken(&index)) {
                    found.push(("credential", &credential.name));
                }
            }
            _ => {}
        }
    }
    found
        .into_iter()
        .map(|(kind, name)| {
            let what = match kind {
                "scope" => "no credential gives",
                "credential" => "no route accepts",
                "resource" => "no route and no action has",
                _ => "nothing names",
            };
            let message = format!("{what} the {kind} `{}`", name.node);
            RULE.finding(name.span, message).help("name it where it was meant, or take it away")
        })
        .collect()
}

/// Whether some route shows a resource by a view.
fn is_shown(plan: &Plan, resource: usize) -> bool {
    let of = |of: &ViewOf| of.resource == resource;
    plan.routes.iter().flat_map(|route| &route.returns).any(|returns| match &returns.returned {
        Returned::View(view) | Returned::List(view) => of(view),
        Returned::Envelope(fields) => fields.iter().any(|field| match &field.content {
            Content::View(view) | Content::List(view) => of(view),
            Content::Plain(_) => false,
        }),
        Returned::Nothing | Returned::Opaque => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn what_is_declared_is_used() {
        let found = |more: &str| {
            let policy = format!(
                "role user {{ read:a }} resource r {{ key id: uuid view v {{ id }} }} {more}
                route GET /a {{ accept [access] needs read:a lists r max 5 returns [r.v] }}"
            );
            count("unused_declaration", &policy)
        };
        assert_eq!(found(""), 0);
        assert_eq!(found("input x { a: int }"), 1);
        assert_eq!(found("input x { a: y } enum y { one }"), 1);
        assert_eq!(found("enum y { one waive unused_declaration \"a test\" }"), 0);
        assert_eq!(found("resource q { key id: int view q { id } }"), 1);
        assert_eq!(found("resource s { key id: int view w { id } }"), 1);
        assert_eq!(found("scope all { read:a }"), 1);
        assert_eq!(found("credential pat opaque { prefix \"t_\" caller { id: string } }"), 1);
        let pat = "credential pat opaque { prefix \"t_\" caller { id: string scopes: scopes } }
            scope all { read:a } action a { needs read:a }";
        assert_eq!(found(pat), 0);
    }
}
