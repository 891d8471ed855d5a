//! `weaker_old_version`: an old version of a route is open, and asks for less than the new one.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, Plan, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::ownership::relates;
use crate::relation::speaks_of_object;
use crate::rule::{Owasp, Rule};
use crate::versions::old_and_new;

pub(crate) const RULE: Rule = Rule {
    name: "weaker_old_version",
    level: Severity::Warning,
    owasp: &[Owasp::InventoryManagement, Owasp::FunctionAuthorization],
    finds: "A route of an old version (`/v1/…`) is open beside the same of a later one, and asks for less: it is public, lacks \
            a permission or a budget, or does not ask whose the object is.",
    why: "What was mended in the new version is done by the old one. It is the first that is tried.",
    example: with_access!(
        r#"
role reader { read:books }

route GET /v1/books {
    public
    returns nothing
}

route GET /v2/books {
    accept   [access]
    needs    read:books
    returns  nothing
}
"#
    ),
    mend: "Ask the same of the old one, best by a group around both; or write `retired`, once nobody needs it.",
    mended: with_access!(
        r#"
role reader { read:books }

route GET /v1/books { retired }

route GET /v2/books {
    accept   [access]
    needs    read:books
    returns  nothing
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let pairs = old_and_new(plan).into_iter();
    let weaker = pairs.filter_map(|(old, new)| Some((old, new, lacks(plan, old, new)?)));
    weaker
        .map(|(old, new, lacks)| {
            let message = format!("`{} {}` {lacks}", old.method, old.pattern);
            RULE.finding(old.span, message)
                .and(new.span, "unlike this one")
                .help("ask the same of both, or write `retired`")
        })
        .collect()
}

/// What an old version does not ask for that the new one does.
pub(crate) fn lacks(plan: &Plan, old: &Route, new: &Route) -> Option<&'static str> {
    let asked = |access: &Access| matches!(access, Access::Credential(_));
    if asked(&new.access) && !asked(&old.access) {
        return Some("asks for no credential");
    }
    if new.needs.iter().any(|needed| old.needs.iter().all(|other| other.any != needed.any)) {
        return Some("asks for fewer permissions");
    }
    if (relates(plan, new) && !relates(plan, old))
        || (speaks_of_object(new) && !speaks_of_object(old))
    {
        return Some("asks less of the object");
    }
    let charged = |route: &Route| {
        let charges = route.stages().flat_map(|(_, checks)| &checks.charges);
        charges.map(|charge| charge.budget).collect::<HashSet<_>>()
    };
    let (of_old, of_new) = (charged(old), charged(new));
    // Other budgets may be as tight.
    let fewer = of_old.len() < of_new.len() && of_old.is_subset(&of_new);
    fewer.then_some("is charged to fewer budgets")
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn of(rule: &str, old: &str, new: &str) -> usize {
        let policy = format!(
            "role user {{ read:a read:b }}
            budget b {{ limit 5 per 1m key request.ip }} budget c {{ limit 5 per 1m }}
            resource r {{ key id: uuid user: string predicate own {{ r.user == caller.id }} view v {{ id }} }}
            route GET /api/v1/a/{{id}} {{ params {{ id: uuid }} loads r by params.id {old} returns r.v }}
            route GET /api/v2/a/{{no}} {{ params {{ no: uuid }} loads r by params.no {new} returns r.v }}"
        );
        count(rule, &policy)
    }

    #[test]
    fn an_old_version_asks_for_as_much() {
        let found = |old: &str, new: &str| of("weaker_old_version", old, new);
        let signed = "accept [access] signed_in";
        assert_eq!(found("public", signed), 1);
        assert_eq!(found(signed, "public"), 0);
        assert_eq!(found(signed, "accept [access] needs read:a"), 1);
        assert_eq!(found(signed, &format!("{signed} allow when own")), 1);
        assert_eq!(found(signed, &format!("{signed} budget [b, c]")), 1);
        assert_eq!(found(&format!("{signed} budget [b]"), &format!("{signed} budget [c]")), 0);
        assert_eq!(found("public retired", signed), 0);
        assert_eq!(found("public", &format!("{signed} retired")), 0);
        assert_eq!(found("public waive weaker_old_version \"a test\"", signed), 0);
    }

    #[test]
    fn one_that_does_is_told_by_another_rule() {
        let found = |old: &str, new: &str| of("open_old_version", old, new);
        assert_eq!(found("public", "public"), 1);
        assert_eq!(found("public", "accept [access] signed_in"), 0);
        assert_eq!(found("public retired", "public"), 0);
        assert_eq!(found("public waive open_old_version \"a test\"", "public"), 0);
    }
}
