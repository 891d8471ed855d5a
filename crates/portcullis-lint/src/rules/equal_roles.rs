//! `equal_roles`: two roles are one under two names.

use std::collections::{HashMap, HashSet};

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Bits, Condition, Plan, Role};
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::roles;
use crate::relation::atoms;
use crate::rule::{Owasp, Rule};
use crate::sent::of_input;

pub(crate) const RULE: Rule = Rule {
    name: "equal_roles",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "Two roles grant the same, what they inherit included, and no condition tells them apart.",
    why: "Whoever gives somebody the lesser of the two by its name gives as much as the other. One grant was forgotten, or \
          one role is left over.",
    example: with_access!(
        r#"
role reader                     { read:books }
role librarian  inherits reader {}

route GET /books {
    accept   [access]
    needs    read:books
    returns  nothing
}
"#
    ),
    mend: "Grant what makes the difference, or take one of them away. Two names that tokens have for one role are a reason \
           for a waiver.",
    mended: with_access!(
        r#"
role reader                     { read:books }
role librarian  inherits reader { write:books }

group /books {
    accept  [access]
    needs   read:books

    route GET / { returns nothing }

    route POST / {
        needs    write:books
        returns  nothing
    }
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let asked = asked(plan);
    // Of very many roles, most are told apart by what they grant, and the conditions need not be gone through.
    let mut alike = HashMap::<&Bits, usize>::new();
    for role in &plan.roles {
        *alike.entry(&role.permissions).or_default() += 1;
    }
    let mut seen = HashMap::new();
    let mut found = Vec::new();
    for (index, (role, planned)) in roles(compilation).zip(&plan.roles).enumerate() {
        let alone = alike.get(&planned.permissions).is_none_or(|count| *count < 2);
        if index == plan.anonymous || alone {
            continue;
        }
        let same = seen.insert((&planned.permissions, is(planned, &asked)), role);
        if let Some(other) = same {
            let (one, other_name) = (&role.name.node, &other.name.node);
            let message = format!("nothing tells the role `{one}` from `{other_name}`");
            found.push(
                RULE.finding(role.name.span, message)
                    .and(other.name.span, "the other one")
                    .help("grant what makes the difference, or take one of them away"),
            );
        }
    }
    found
}

/// The roles that conditions ask for.
fn asked(plan: &Plan) -> HashSet<&Vec<usize>> {
    let mut found = HashSet::new();
    let of_routes = plan.routes.iter().flat_map(|route| route.conditions().chain(of_input(route)));
    let of_actions = plan.actions.iter();
    let of_actions =
        of_actions.flat_map(|action| action.caller.conditions().chain(action.object.conditions()));
    for condition in of_routes.chain(of_actions) {
        atoms(condition, &mut |atom| {
            if let Condition::Is(roles) = atom {
                found.insert(roles);
            }
        });
    }
    found
}

/// What a role is told from others by, beside what it grants: in which conditions it is meant.
fn is(role: &Role, asked: &HashSet<&Vec<usize>>) -> Vec<bool> {
    let meant = |roles: &Vec<usize>| roles.iter().any(|asked| role.includes.has(*asked));
    asked.iter().map(|roles| meant(roles)).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn roles_are_told_apart() {
        let found = |roles: &str, clauses: &str| {
            let policy = format!(
                "role user {{ read:a }} {roles}
                route GET /a {{ accept [access] needs read:a {clauses} returns nothing }}
                route POST /a {{ accept [access] needs read:a
                    body {{ x: int? 0..9 settable when caller is head }} returns nothing }}
                role head inherits user {{ read:a }}"
            );
            count("equal_roles", &policy)
        };
        assert_eq!(found("", ""), 0);
        assert_eq!(found("role other { read:a }", ""), 1);
        assert_eq!(found("role other { read:* }", ""), 1);
        assert_eq!(found("role other inherits user {}", "deny when caller is other"), 0);
        assert_eq!(found("role anonymous inherits user {}", ""), 0);
        assert_eq!(found("role other { read:a waive equal_roles \"a test\" }", ""), 0);
    }
}
