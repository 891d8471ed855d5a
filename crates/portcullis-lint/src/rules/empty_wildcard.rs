//! `empty_wildcard`: a role grants a permission with a `*`, and the policy names none that it covers.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::covers;
use portcullis_syntax::ast::Item;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "empty_wildcard",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A role grants a permission with a `*`, and the policy names none that it covers.",
    why: "A wildcard grants what the policy names elsewhere and nothing else: one that covers \
          nothing reads like a grant and is none. Most often its fixed part is misspelt.",
    example: r#"
transport { hosts ["library.example"] }

role reader { read:* }
"#,
    mend: "Correct the name, or take the grant away.",
    mended: r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    lifetime    15m
    revocable
    type        "at+jwt"
    caller {
        id:    string  from "sub"
        role:  role    from "role"
    }
}

role reader { read:books }

route GET /books {
    accept   [access]
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
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let roles = items.filter_map(|item| match item {
        Item::Role(role) => Some(role),
        _ => None,
    });
    let grants = roles.flat_map(|role| &role.grants).filter(|grant| grant.node.contains('*'));
    grants
        .filter(|grant| !plan.permissions.iter().any(|known| covers(&grant.node, known)))
        .map(|grant| {
            let message = format!("`{}` covers no permission of the policy", grant.node);
            RULE.finding(grant.span, message)
                .label("granted without effect")
                .help("correct its name, or take it away")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_wildcard_covers_something() {
        let policy = |grant: &str| {
            format!(
                r#"transport {{ hosts ["a.example"] }}
                credential access jwt {{ issuer "i" audience "a" algorithms [EdDSA] lifetime 5m
                    caller {{ id: string from "sub" role: role from "role" }} }}
                role editor {{ read:pages:own {grant} }}
                route GET /a {{ accept [access] needs read:pages:own waive missing_returns "a test" }}"#
            )
        };
        for covering in ["*:pages:own", "read:*:own", "read:pages:*"] {
            assert_eq!(codes(&policy(covering)), [""; 0], "{covering}");
        }
        for empty in ["write:*", "read:*", "read:images:*", "*:pages"] {
            assert_eq!(codes(&policy(empty)), ["empty_wildcard"], "{empty}");
        }
    }
}
