//! `never_needed`: a role grants a permission that nothing asks for.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Condition, Plan};
use portcullis_syntax::ast::{Expression, ExpressionKind, Item, ResourceClause};
use portcullis_syntax::{Diagnostic, Severity};

use crate::relation::atoms;
use crate::rule::{Owasp, Rule};
use crate::sent::of_input;

pub(crate) const RULE: Rule = Rule {
    name: "never_needed",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A role grants a permission that nothing asks for.",
    why: "A grant without effect reads like one that has it. Most often the name is misspelt on \
          one side, and the route that should ask for it asks for less.",
    example: r#"
transport { hosts ["library.example"] }

role reader { read:bokos }
"#,
    mend: "Take the grant away, or correct the name.",
    mended: r#"
transport { hosts ["library.example"] }

role anonymous { read:books }

route GET /books {
    public
    needs    read:books
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let of_actions = plan.actions.iter().flat_map(|action| &action.needs);
    let needs = plan.routes.iter().flat_map(|route| &route.needs).chain(of_actions);
    let mut needed: HashSet<usize> = needs.flat_map(|needed| &needed.any).copied().collect();
    for condition in conditions(plan) {
        atoms(condition, &mut |atom| {
            if let Condition::Can(permission) = atom {
                needed.insert(*permission);
            }
        });
    }
    let needed = needed.iter().filter_map(|index| plan.permissions.get(*index));
    let needed = needed.map(String::as_str).collect::<HashSet<_>>();
    let mut found = Vec::new();
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let in_predicates = predicates(compilation);
    for item in items {
        let Item::Role(role) = item else { continue };
        for grant in &role.grants {
            // A `*` is made to stand for what is still to come.
            if grant.node.contains('*')
                || needed.contains(grant.node.as_str())
                || in_predicates.contains(&grant.node)
            {
                continue;
            }
            // Another verb would be another grant, and what the role has is no slip of this one.
            let verb = |name: &str| name.split(':').next().map(str::to_owned);
            let mut near = asked(plan);
            near.retain(|name| {
                verb(name) == verb(&grant.node) && !has(plan, &role.name.node, name)
            });
            found.push(
                RULE.finding(grant.span, format!("nothing asks for `{}`", grant.node))
                    .label("granted without effect")
                    .help("take it away")
                    .did_you_mean(&grant.node, near),
            );
        }
    }
    found
}

/// Whether a role grants a permission, by itself or by what it inherits.
fn has(plan: &Plan, role: &str, permission: &str) -> bool {
    let role = plan.roles.iter().find(|known| known.name == role);
    let index = plan.permissions.iter().position(|known| known == permission);
    role.zip(index).is_some_and(|(role, index)| role.permissions.has(index))
}

fn conditions(plan: &Plan) -> impl Iterator<Item = &Condition> {
    let of_actions = plan
        .actions
        .iter()
        .flat_map(|action| action.caller.conditions().chain(action.object.conditions()));
    let of_routes = plan.routes.iter().flat_map(|route| route.conditions().chain(of_input(route)));
    of_routes.chain(of_actions)
}

fn asked(plan: &Plan) -> Vec<&str> {
    let needs = plan.routes.iter().flat_map(|route| &route.needs);
    needs
        .flat_map(|needed| &needed.any)
        .filter_map(|index| plan.permissions.get(*index))
        .map(String::as_str)
        .collect()
}

/// The permissions that predicates ask for, used or not.
fn predicates(compilation: &Compilation) -> Vec<String> {
    let mut found = Vec::new();
    for item in compilation.files.iter().flat_map(|file| &file.items) {
        let Item::Resource(resource) = item else {
            continue;
        };
        for clause in &resource.clauses {
            if let ResourceClause::Predicate { condition, .. } = clause {
                permissions(condition, &mut found);
            }
        }
    }
    found
}

fn permissions(expression: &Expression, found: &mut Vec<String>) {
    match &expression.node {
        ExpressionKind::Can(_, permission) => found.push(permission.node.clone()),
        ExpressionKind::And(all) | ExpressionKind::Or(all) => {
            all.iter().for_each(|inner| permissions(inner, found));
        }
        ExpressionKind::Not(inner) => permissions(inner, found),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::{codes, count};

    #[test]
    fn what_is_granted_is_asked_for() {
        let policy = "transport { hosts [\"a.example\"] } role a { read:a }";
        assert_eq!(codes(policy), ["never_needed"]);
        let asked = "transport { hosts [\"a.example\"] } role a { read:a }
            resource r { key id: int predicate p { caller can read:a } }";
        assert_eq!(codes(asked), [""; 0]);
    }

    #[test]
    fn an_input_may_ask_for_it() {
        let policy = |settable: &str| {
            format!(
                "role a {{ write:a }}
                input inner {{ total: int? 0..9 {settable} }}
                route POST /a {{ accept [access] signed_in body {{ lines: [inner] max 5 }} returns nothing }}"
            )
        };
        assert_eq!(count("never_needed", &policy("")), 1);
        assert_eq!(count("never_needed", &policy("settable when caller can write:a")), 0);
    }

    #[test]
    fn no_wider_grant_is_proposed() {
        let policy = |grants: &str| {
            format!(
                "transport {{ hosts [\"a.example\"] }} role a {{ {grants} }}
                credential c jwt {{
                    issuer \"i\" audience \"a\" algorithms [EdDSA] lifetime 15m
                    caller {{ id: string from \"sub\" role: role from \"role\" }}
                }}
                route GET /r {{ accept [c] needs read:orders returns opaque \"a test\" }}
                route PUT /r {{ accept [c] needs write:order returns opaque \"a test\" }}"
            )
        };
        let proposed = |grants: &str| {
            let found = crate::rules::found(&policy(grants));
            let never = found.iter().filter(|fault| fault.code.as_str() == "never_needed");
            never.map(|fault| fault.help.clone().unwrap_or_default()).collect::<Vec<_>>()
        };
        let slip = proposed("read:order write:order");
        assert!(slip.len() == 1 && slip[0].contains("read:orders"), "{slip:?}");
        let had = proposed("read:order read:orders write:order");
        assert!(had.len() == 1 && !had[0].contains("read:orders"), "{had:?}");
        let wider = proposed("read:orders read:order");
        assert!(wider.len() == 1 && !wider[0].contains("write"), "{wider:?}");
    }
}
