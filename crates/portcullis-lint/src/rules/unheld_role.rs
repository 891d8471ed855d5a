//! `unheld_role`: a role that no credential can give.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::ClaimType;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::roles;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unheld_role",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A policy has credentials and roles, and no credential has an attribute of type `role`. `anonymous` is everybody's, \
            and what it inherits with it.",
    why: "Nobody ever has the role: what it grants is granted to no one, `caller is` is always false, and a `deny` with it \
          refuses nobody.",
    example: r#"
transport { hosts ["library.example"] }

credential pat opaque {
    prefix  "library_"
    caller  { id: string }
}

role reader { read:books }

route GET /books {
    accept   [pat]
    needs    read:books
    returns  nothing
}
"#,
    mend: "Say in the credential which claim gives the role: `role: role from \"role\"`.",
    mended: r#"
transport { hosts ["library.example"] }

credential pat opaque {
    prefix  "library_"
    caller  { id: string  role: role }
}

role reader { read:books }

route GET /books {
    accept   [pat]
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
    let given = plan
        .caller
        .iter()
        .any(|attribute| matches!(attribute.kind, ClaimType::Role | ClaimType::Roles));
    if given || plan.credentials.is_empty() {
        return Vec::new();
    }
    let nobody = plan.roles.get(plan.anonymous).map(|role| &role.includes);
    let unheld = roles(compilation)
        .enumerate()
        .filter(|(index, _)| !nobody.is_some_and(|everybodys| everybodys.has(*index)));
    unheld
        .map(|(_, role)| {
            let message = format!("no credential gives the role `{}`", role.name.node);
            let help = "add an attribute of type `role` to the `caller` of a credential";
            RULE.finding(role.name.span, message).help(help)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_role_is_given_by_a_credential() {
        let found = |caller: &str, roles: &str| {
            let policy = format!(
                "transport {{ hosts [\"a.example\"] }}
                credential pat opaque {{ prefix \"t_\" caller {{ id: string {caller} }} }} {roles}
                route GET /a {{ accept [pat] needs read:a returns nothing }}"
            );
            codes(&policy).iter().filter(|found| *found == "unheld_role").count()
        };
        assert_eq!(found("", "role user { read:a } role admin inherits user {}"), 2);
        assert_eq!(found("", "role user { read:a } role anonymous inherits user {}"), 0);
        assert_eq!(found("roles: [role]", "role user { read:a }"), 0);
        assert_eq!(found("", "role user { read:a waive unheld_role \"a test\" }"), 0);
        let nobody = "transport { hosts [\"a.example\"] } role user { read:a }";
        assert!(!codes(nobody).contains(&"unheld_role".to_owned()));
    }
}
