//! `redundant_grant`: a role grants what it has already.

use std::collections::{HashMap, HashSet};

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::covers;
use portcullis_syntax::ast::Role;
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::declared::roles;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "redundant_grant",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A role grants a permission that it inherits, or grants it twice.",
    why: "Whoever takes the permission away from one role believes that it is gone, and it stays by the other.",
    example: with_access!(
        r#"
role reader                     { read:books }
role librarian  inherits reader { read:books write:books }

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
    mend: "Take the grant away; `portcullis lint --fix` does.",
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
    let by_name: HashMap<&str, &Role> =
        roles(compilation).map(|role| (role.name.node.as_str(), role)).collect();
    let mut found = Vec::new();
    for role in roles(compilation) {
        let inherited = inherited(role, &by_name);
        for (place, grant) in role.grants.iter().enumerate() {
            let twice = role.grants.iter().take(place).find(|other| other.node == grant.node);
            let twice = twice.map(|other| (other.span, "here already".to_owned()));
            let above = inherited.iter().find(|(_, name, _)| covers(name, &grant.node));
            let above = above.map(|(from, _, span)| (*span, format!("by `{from}`")));
            let Some((span, how)) = above.or(twice) else { continue };
            let message = format!("`{}` has `{}` already", role.name.node, grant.node);
            found.push(
                RULE.finding(grant.span, message)
                    .and(span, how)
                    .help("take it away")
                    .edit(grant.span, ""),
            );
        }
    }
    found
}

/// What the roles grant that a role inherits: the role's name, the grant and its place.
fn inherited<'c>(
    role: &'c Role,
    by_name: &HashMap<&str, &'c Role>,
) -> Vec<(&'c str, &'c str, Span)> {
    let mut found = Vec::new();
    let mut seen = HashSet::from([role.name.node.as_str()]);
    let mut waiting = vec![role];
    while let Some(next) = waiting.pop() {
        for name in &next.inherits {
            let Some(parent) = by_name.get(name.node.as_str()) else { continue };
            if seen.insert(&parent.name.node) {
                let grants = parent.grants.iter();
                found.extend(grants.map(|grant| (&*parent.name.node, &*grant.node, grant.span)));
                waiting.push(parent);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_role_grants_what_it_has_not() {
        let found = |role: &str| {
            let policy = format!(
                "role user {{ read:a }} role head inherits user {{ write:* }} {role}
                route PUT /a {{ accept [access] needs [read:a write:a edit:a] returns nothing }}"
            );
            count("redundant_grant", &policy)
        };
        assert_eq!(found("role other { read:a write:a edit:a }"), 0);
        assert_eq!(found("role other inherits user { edit:a }"), 0);
        assert_eq!(found("role other inherits user { read:a edit:a }"), 1);
        assert_eq!(found("role other inherits head { read:a write:a edit:a }"), 2);
        assert_eq!(found("role other inherits [user, head] { read:a }"), 1);
        assert_eq!(found("role other { edit:a edit:a }"), 1);
        // One that is wider is none that it has.
        assert_eq!(found("role other inherits user { read:* }"), 0);
        assert_eq!(
            found("role other inherits user { read:a waive redundant_grant \"a test\" }"),
            0
        );
    }
}
