//! `role_by_name`: a clause asks for a role, and a permission says the same.

use std::collections::HashMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Condition, Plan, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::clauses::clauses;
use crate::relation::atoms;
use crate::rule::{Owasp, Rule};
use crate::words::{changes, looks, plain, words};

pub(crate) const RULE: Rule = Rule {
    name: "role_by_name",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A clause asks by `caller is` for a role, and a permission that names the route's object and what the route does \
            is granted to just the same roles.",
    why: "`is` sees the role whatever the scopes of the token say: a token for reading alone passes. And a new role that is \
          granted the permission is still refused here.",
    example: with_loans!(
        r#"
role desk inherits reader { read:all_loans }

group /loans {
    accept [access]

    route GET / {
        needs    read:all_loans
        lists    loan max 100
        returns  [loan.full]
    }

    route GET /{id} {
        params   { id: uuid }
        needs    read:loans
        loads    loan by params.id
        allow    when own
        allow    when caller is desk
        returns  loan.full
    }
}
"#
    ),
    mend: "Ask for the permission: `caller can …`.",
    mended: with_loans!(
        r#"
role desk inherits reader { read:all_loans }

group /loans {
    accept [access]

    route GET / {
        needs    read:all_loans
        lists    loan max 100
        returns  [loan.full]
    }

    route GET /{id} {
        params   { id: uuid }
        needs    read:loans
        loads    loan by params.id
        allow    when own
        allow    when caller can read:all_loans
        returns  loan.full
    }
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let nouns = compilation.plans.first().map(nouns).unwrap_or_default();
    let mut found = Vec::new();
    for (span, uses) in clauses(compilation) {
        let Some(first) = uses.first() else { continue };
        let (plan, route) = (first.known.plan, first.known.route);
        let mut named = None;
        atoms(first.condition, &mut |atom| {
            if let Condition::Is(roles) = atom
                && named.is_none()
            {
                named =
                    permission(plan, route, roles, &nouns).map(|permission| (roles, permission));
            }
        });
        let Some((roles, permission)) = named else { continue };
        let names = roles.iter().filter_map(|index| plan.roles.get(*index));
        let names = names.map(|role| role.name.as_str()).collect::<Vec<_>>();
        let is = match names.as_slice() {
            [one] => (*one).to_owned(),
            _ => format!("[{}]", names.join(", ")),
        };
        let message = format!("`caller is {is}` asks for a role where `{permission}` says it");
        found.push(RULE.finding(span, message).help(format!("write `caller can {permission}`")));
    }
    found
}

/// The permission that just these roles have, and those that inherit them, and that is about what the
/// route does to its object.
fn permission<'p>(
    plan: &Plan,
    route: &Route,
    roles: &[usize],
    nouns: &Nouns<'p>,
) -> Option<&'p str> {
    let asked =
        |permission: usize| route.needs.iter().any(|needed| needed.any.contains(&permission));
    let same = |permission: usize| {
        plan.roles.iter().enumerate().all(|(index, role)| {
            let is = index != plan.anonymous && roles.iter().any(|asked| role.includes.has(*asked));
            role.permissions.has(permission) == is
        })
    };
    let does = |name: &str| {
        let verb = name.split(':').next().unwrap_or_default();
        if route.method == "GET" { looks(verb) } else { changes(verb) }
    };
    let objects = route.objects().filter_map(|index| plan.resources.get(index));
    let objects = objects.map(|resource| plain(&resource.name));
    let of_objects = objects.flat_map(|object| [format!("{object}s"), object]);
    let mut known = of_objects.filter_map(|object| nouns.get(&object)).flatten();
    let found = known.find(|(index, name)| does(name) && !asked(*index) && same(*index));
    found.map(|(_, name)| *name)
}

/// The permissions, by index, by the last word of what they are about.
type Nouns<'p> = HashMap<String, Vec<(usize, &'p str)>>;

fn nouns(plan: &Plan) -> Nouns<'_> {
    let mut found: Nouns<'_> = HashMap::new();
    for (index, name) in plan.permissions.iter().enumerate() {
        let of = name.split_once(':').and_then(|(_, of)| words(of).pop());
        found.entry(of.unwrap_or_default()).or_default().push((index, name));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_permission_says_more_than_a_role() {
        let found = |route: &str, needs: &str, allow: &str| {
            let policy = format!(
                "role user {{ read:orders }} role admin inherits user {{ write:orders write:users }}
                role head inherits admin {{}}
                resource order {{ key id: uuid user: string
                    predicate own {{ order.user == caller.id }} view v {{ id }} }}
                route {route} {{ accept [access] params {{ id: uuid }} needs {needs}
                    loads order by params.id allow when own allow when {allow} returns order.v }}"
            );
            count("role_by_name", &policy)
        };
        assert_eq!(found("PUT /o/{id}", "read:orders", "caller is admin"), 1);
        assert_eq!(found("PUT /o/{id}", "read:orders", "own and caller is admin"), 1);
        assert_eq!(found("PUT /o/{id}", "read:orders", "caller can write:orders"), 0);
        // Writing is not reading, and one of its roles is not all.
        assert_eq!(found("GET /o/{id}", "read:orders", "caller is admin"), 0);
        assert_eq!(found("PUT /o/{id}", "read:orders", "caller is head"), 0);
        // The route asks for it anyway.
        assert_eq!(found("PUT /o/{id}", "write:orders", "caller is admin"), 0);
        let waived = "caller is admin waive role_by_name \"a test\"";
        assert_eq!(found("PUT /o/{id}", "read:orders", waived), 0);
    }
}
