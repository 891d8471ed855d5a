//! `unnamed_permission`: a permission is somebody's by a `*` alone.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::covers;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::roles;
use crate::rule::{Owasp, Rule};
use crate::words::changes;

pub(crate) const RULE: Rule = Rule {
    name: "unnamed_permission",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A route or action asks for a permission to see something, and no role grants it by its name: those who have it \
            have it by a `*`. Permissions to change something are for [`wide_grant`](wide_grant.md).",
    why: "Nobody has decided who is to have it. A name that is misspelt on the route is granted all the same.",
    example: with_access!(
        r#"
role reader                  { read:books }
role desk    inherits reader { read:* }

group /v1 {
    accept [access]

    route GET /books {
        needs    read:books
        returns  nothing
    }

    route GET /figures {
        needs    read:figures
        returns  nothing
    }
}
"#
    ),
    mend: "Grant it by its name to those who are to have it, or correct the name.",
    mended: with_access!(
        r#"
role reader                  { read:books }
role desk    inherits reader { read:figures }

group /v1 {
    accept [access]

    route GET /books {
        needs    read:books
        returns  nothing
    }

    route GET /figures {
        needs    read:figures
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
    let grants = roles(compilation).flat_map(|role| &role.grants).map(|grant| grant.node.as_str());
    let (wide, named): (Vec<&str>, Vec<&str>) = grants.partition(|grant| grant.contains('*'));
    let named = named.into_iter().collect::<HashSet<_>>();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let of_actions = plan.actions.iter().flat_map(|action| &action.needs);
    for needed in plan.routes.iter().flat_map(|route| &route.needs).chain(of_actions) {
        let names = needed.any.iter().filter_map(|index| plan.permissions.get(*index));
        for name in names.filter(|name| !named.contains(name.as_str())) {
            let changing = name.split(':').any(changes);
            let by = wide.iter().find(|grant| covers(grant, name));
            if let Some(by) = by.filter(|_| !changing && seen.insert(name)) {
                let message = format!("`{name}` is granted by `{by}` alone");
                let help = "grant it by its name to those who are to have it";
                found.push(RULE.finding(needed.span, message).help(help));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_permission_is_granted_by_its_name() {
        let found = |grants: &str, needs: &str| {
            let policy = format!(
                "role user {{ {grants} }} role admin {{ read:b }}
                route GET /a {{ accept [access] needs {needs} returns nothing }}
                route GET /b {{ accept [access] needs {needs} returns nothing }}"
            );
            count("unnamed_permission", &policy)
        };
        assert_eq!(found("read:*", "read:a"), 1);
        assert_eq!(found("read:*", "read:b"), 0);
        assert_eq!(found("read:* read:a", "read:a"), 0);
        assert_eq!(found("write:*", "write:a"), 0);
        assert_eq!(found("read:*", "any [read:a, read:b]"), 1);
        assert_eq!(found("", "read:a"), 0);
        assert_eq!(found("read:*", "read:a waive unnamed_permission \"a test\""), 0);
    }
}
