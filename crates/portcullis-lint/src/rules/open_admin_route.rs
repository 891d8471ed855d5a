//! `open_admin_route`: a path says that it is for a few, and the route is for all.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Plan, Route, Segment};
use portcullis_syntax::{Diagnostic, Severity};

use crate::ownership::relates;
use crate::reach::Reach;
use crate::rule::{Owasp, Rule};
use crate::words::words;

pub(crate) const RULE: Rule = Rule {
    name: "open_admin_route",
    level: Severity::Error,
    owasp: &[Owasp::FunctionAuthorization, Owasp::InventoryManagement],
    finds: "A route whose path says that it is for a few (`admin`, `internal`, `backoffice`, `debug`, `actuator`) \
            lets in whoever has no credential, or every caller who has one.",
    why: "Such paths are the first that are tried. Nobody who is let in by them is asked for more than all others are.",
    example: with_access!(
        r#"
route GET /admin/users {
    accept   [access]
    signed_in
    returns  opaque "a table of numbers"
}
"#
    ),
    mend: "Ask for a permission that only those few have, best in the group of that path; or rename it.",
    mended: with_access!(
        r#"
role admin { read:users }

route GET /admin/users {
    accept   [access]
    needs    read:users
    returns  opaque "a table of numbers"
}
"#
    ),
    check: Some(check),
};

const FOR_A_FEW: &[&str] =
    &["admin", "administration", "internal", "backoffice", "debug", "actuator", "superuser"];

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let open = plan.routes.iter().filter_map(|route| Some((route, who(plan, route)?)));
    open.map(|(route, who)| {
        let message = format!("{who} may call `{} {}`", route.method, route.pattern);
        RULE.finding(route.span, message)
            .help("ask for a permission that only a few have: `needs …`")
    })
    .collect()
}

fn who(plan: &Plan, route: &Route) -> Option<&'static str> {
    let named = route.segments.iter().any(|segment| match segment {
        Segment::Literal(text) => words(text).iter().any(|word| FOR_A_FEW.contains(&word.as_str())),
        Segment::Parameter(_) | Segment::Rest(_) => false,
    });
    // Who comes in by the path of signing in is known only then.
    if !named || route.retired.is_some() || route.session.is_some() {
        return None;
    }
    let reach = Reach::of(plan, route);
    match (reach.anonymous, reach.roleless) {
        (true, _) => Some("whoever has no credential"),
        (false, true) if !relates(plan, route) => Some("every caller"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn what_is_for_a_few_asks_who_they_are() {
        let found = |path: &str, clauses: &str| {
            let policy = format!(
                "role user {{ read:orders }} role admin inherits user {{ read:all }}
                group {path} {{ accept [access] route GET /a {{ {clauses} returns nothing }} }}"
            );
            count("open_admin_route", &policy)
        };
        assert_eq!(found("/admin", "public"), 1);
        assert_eq!(found("/api/internal-tools", "signed_in"), 1);
        assert_eq!(found("/admin", "signed_in require when caller is admin"), 0);
        assert_eq!(found("/admin", "allow when caller is admin"), 0);
        assert_eq!(found("/admin", "needs read:all"), 0);
        assert_eq!(found("/orders", "public"), 0);
        assert_eq!(found("/administer", "public"), 0);
        assert_eq!(found("/admin", "public waive open_admin_route \"a test\""), 0);
    }
}
