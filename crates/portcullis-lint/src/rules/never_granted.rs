//! `never_granted`: a route needs a permission that no role and no scope grants.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Bits, ClaimType};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "never_granted",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A route needs a permission that no role and no scope grants.",
    why: "Nobody can call the route. Most often the name is misspelt on one side, and the next \
          hand mends it by asking for less.",
    example: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

route GET /books {
    public
    needs    read:books
    lists    book max 100
    returns  [book.card]
}
"#,
    mend: "Grant it to a role, or correct the name.",
    mended: r#"
transport { hosts ["library.example"] }

role anonymous { read:books }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

route GET /books {
    public
    needs    read:books
    lists    book max 100
    returns  [book.card]
}
"#,
    check: Some(check),
};

/// How many names are held against one another for what may have been meant. Of very many that nobody has, the last
/// are told without.
const PAIRS: usize = 200_000;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    // What a token brings with it nobody can tell beforehand.
    if plan.caller.iter().any(|attribute| attribute.kind == ClaimType::Permissions) {
        return Vec::new();
    }
    // Of very many roles, what they grant is put together once.
    let mut all = Bits::default();
    plan.roles.iter().for_each(|role| all.join(&role.permissions));
    let granted = |permission: usize| all.has(permission);
    let known = plan.permissions.iter().enumerate().filter(|(index, _)| granted(*index));
    let known = known.map(|(_, name)| name.as_str()).collect::<Vec<_>>();
    let mut pairs = PAIRS;
    let mut found = Vec::new();
    let of_routes = plan.routes.iter().flat_map(|route| &route.needs);
    for needed in of_routes.chain(plan.actions.iter().flat_map(|action| &action.needs)) {
        if needed.any.iter().any(|permission| granted(*permission)) {
            continue;
        }
        let Some(name) = needed.any.first().and_then(|index| plan.permissions.get(*index)) else {
            continue;
        };
        let looked_at = pairs.min(known.len());
        pairs -= looked_at;
        found.push(
            RULE.finding(needed.span, format!("no role grants `{name}`"))
                .label("nobody has this")
                .help("grant it to a role")
                .did_you_mean(name, known.iter().take(looked_at).copied()),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn what_is_needed_is_granted() {
        let policy = |grant: &str, need: &str| {
            format!(
                r#"transport {{ hosts ["a.example"] }}
                credential access jwt {{ issuer "i" audience "a" algorithms [EdDSA] lifetime 5m
                    caller {{ id: string from "sub" role: role from "role" }} }}
                role user {{ {grant} }}
                route GET /a {{ accept [access] needs {need} waive missing_returns "a test" }}"#
            )
        };
        assert_eq!(codes(&policy("read:a", "read:a")), [""; 0]);
        assert_eq!(codes(&policy("read:a", "read:b")), ["never_needed", "never_granted"]);
    }
}
