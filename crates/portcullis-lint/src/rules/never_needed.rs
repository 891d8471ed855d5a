//! `never_needed`: a role grants a permission that nothing asks for.

use std::collections::{BTreeSet, HashMap, HashSet};

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Condition, Plan};
use portcullis_syntax::ast::{Expression, ExpressionKind, ResourceClause};
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::{resources, roles};
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

/// How many names are held against one another for what may have been meant. Of very many that nothing asks for, the
/// last are told without.
const PAIRS: usize = 200_000;

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
    let in_predicates = predicates(compilation);
    let asked = asked(plan);
    let mut pairs = PAIRS;
    let mut found = Vec::new();
    for (role, planned) in roles(compilation).zip(&plan.roles) {
        for grant in &role.grants {
            // A `*` is made to stand for what is still to come.
            if grant.node.contains('*')
                || needed.contains(grant.node.as_str())
                || in_predicates.contains(grant.node.as_str())
            {
                continue;
            }
            // Another verb would be another grant, and what the role has is no slip of this one.
            let same_verb = asked.get(verb(&grant.node)).map_or(&[][..], Vec::as_slice);
            let looked_at = pairs.min(same_verb.len());
            pairs -= looked_at;
            let near = same_verb.iter().take(looked_at);
            let near = near.filter(|(index, _)| !planned.permissions.has(*index));
            found.push(
                RULE.finding(grant.span, format!("nothing asks for `{}`", grant.node))
                    .label("granted without effect")
                    .help("take it away")
                    .did_you_mean(&grant.node, near.map(|(_, name)| *name)),
            );
        }
    }
    found
}

fn conditions(plan: &Plan) -> impl Iterator<Item = &Condition> {
    let of_actions = plan
        .actions
        .iter()
        .flat_map(|action| action.caller.conditions().chain(action.object.conditions()));
    let of_routes = plan.routes.iter().flat_map(|route| route.conditions().chain(of_input(route)));
    of_routes.chain(of_actions)
}

/// The permissions that are asked for, by their verb.
fn asked(plan: &Plan) -> HashMap<&str, Vec<(usize, &str)>> {
    let needs = plan.routes.iter().flat_map(|route| &route.needs);
    let indexes = needs.flat_map(|needed| needed.any.iter().copied()).collect::<BTreeSet<_>>();
    let mut asked = HashMap::<&str, Vec<(usize, &str)>>::new();
    for index in indexes {
        if let Some(name) = plan.permissions.get(index) {
            asked.entry(verb(name)).or_default().push((index, name));
        }
    }
    asked
}

fn verb(permission: &str) -> &str {
    permission.split(':').next().unwrap_or(permission)
}

/// The permissions that predicates ask for, used or not.
fn predicates(compilation: &Compilation) -> HashSet<&str> {
    let mut found = HashSet::new();
    for resource in resources(compilation) {
        for clause in &resource.clauses {
            if let ResourceClause::Predicate { condition, .. } = clause {
                permissions(condition, &mut found);
            }
        }
    }
    found
}

fn permissions<'e>(expression: &'e Expression, found: &mut HashSet<&'e str>) {
    match &expression.node {
        ExpressionKind::Can(_, permission) => {
            found.insert(&permission.node);
        }
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

    #[test]
    fn of_very_many_the_last_are_told_without_what_was_meant() {
        let many = 500;
        let names = (0..many).map(|index| format!("read:things{index}x")).collect::<Vec<_>>();
        let grants = (0..many).map(|index| format!("read:thongs{index}x")).collect::<Vec<_>>();
        let policy = format!(
            "{}role a {{ {} }} route GET /a {{ accept [access] needs any [{}] returns nothing }}",
            with_access!(""),
            grants.join(" "),
            names.join(", "),
        );
        let found = crate::rules::found(&policy);
        let never = found.iter().filter(|fault| fault.code.as_str() == "never_needed");
        let helps = never.filter_map(|fault| fault.help.as_deref()).collect::<Vec<_>>();
        assert_eq!(helps.len(), many);
        let meant = helps.iter().filter(|help| help.starts_with("did you mean")).count();
        assert_eq!(meant, super::PAIRS / many);
        assert_eq!(helps.last(), Some(&"take it away"));
    }
}
