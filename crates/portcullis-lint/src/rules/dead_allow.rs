//! `dead_allow`: an `allow` that never lets anybody in.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::clauses::{Kind, Use, clauses};
use crate::logic::MOST_COMPARED;
use crate::rule::{Owasp, Rule};
use crate::settings::Settings;

pub(crate) const RULE: Rule = Rule {
    name: "dead_allow",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "An `allow` that never lets anybody in: its condition contradicts itself, the route's access or \
            input, or a `deny` or `require` beside it.",
    why: "Somebody was to get in by it and does not. What is refused by mistake is soon mended by asking \
          for less, and not where the slip is. A condition that reads a setting is not judged.",
    example: with_loans!(
        r#"
route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    allow    when loan.state == requested and loan.state == running
    returns  loan.full
}
"#
    ),
    mend: "Say what was meant, mostly `or` or `in` for `and`; or take the clause away.",
    mended: with_loans!(
        r#"
route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own and loan.state in [requested, running]
    returns  loan.full
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let settings = Settings::of(compilation);
    let mut found = Vec::new();
    for (span, uses) in clauses(compilation) {
        let allows = uses.iter().all(|found| found.kind == Kind::Allow);
        if !allows {
            continue;
        }
        if uses.iter().all(|found| found.known.never(found.condition)) {
            let message = "this `allow` never holds";
            found.push(RULE.finding(span, message).help("say when it is to hold, or take it away"));
            continue;
        }
        let refused = uses.iter().map(|found| refused(found, &settings));
        let refused = refused.collect::<Option<Vec<_>>>();
        if let Some((word, place)) = refused.and_then(|refused| refused.into_iter().next()) {
            let message = format!("whoever this `allow` lets in is refused by a `{word}`");
            found.push(
                RULE.finding(span, message)
                    .and(place, "by this")
                    .help("let one of them set the other aside by `unless`, or take one away"),
            );
        }
    }
    found
}

/// The guard that refuses all whom an `allow` lets in, where there is one.
fn refused(allow: &Use<'_>, settings: &Settings<'_>) -> Option<(&'static str, Span)> {
    let here = || allow.known.route.stages().map(|(_, checks)| checks);
    let denies = here().flat_map(|checks| &checks.denies).map(|guard| ("deny", guard, false));
    let requires = here().flat_map(|checks| &checks.requires).map(|guard| ("require", guard, true));
    let mut guards = denies.chain(requires).filter(|(_, guard, _)| !settings.decide(guard.span));
    guards
        .by_ref()
        .take(MOST_COMPARED)
        .find(|(_, guard, passes)| {
            !allow.known.possible(&[(allow.condition, true), (&guard.condition, *passes)])
        })
        .map(|(word, guard, _)| (word, guard.span))
}

#[cfg(test)]
mod tests {
    use crate::rules::{codes, count};

    fn on_order(clauses: &str) -> usize {
        let policy = format!(
            "setting closed: bool {{ always true }}
            role user {{ read:orders }} role admin inherits user {{ write:orders }}
            enum state {{ placed paid shipped }}
            resource order {{ key id: uuid user: string state: state total: int open: bool
                predicate own {{ order.user == caller.id }} view v {{ id }} }}
            route PUT /o/{{id}} {{ accept [access] params {{ id: uuid }}
                body {{ weeks: int 1..3 to: string one of [\"placed\", \"paid\"] }}
                needs read:orders loads order by params.id {clauses} returns order.v }}"
        );
        count("dead_allow", &policy)
    }

    #[test]
    fn what_no_value_makes_true_is_found() {
        for never in [
            "order.state == placed and order.state == paid",
            "order.state < placed",
            "order.state > shipped",
            "order.total > 5 and order.total < 6",
            "order.open and not order.open",
            "own and order.user != caller.id",
            "order.total in 1..3 and order.total == 4",
            "body.weeks > 3",
            "body.to == \"shipped\"",
            "caller is admin and not (caller is user)",
            "not (caller can read:orders)",
            "not exists caller",
            "order.id != order.id",
        ] {
            assert_eq!(on_order(&format!("allow when own allow when {never}")), 1, "{never}");
        }
    }

    #[test]
    fn what_some_value_makes_true_is_left_alone() {
        for may in [
            "order.state == placed or order.state == paid",
            "order.state != placed and order.state != paid",
            "order.state >= paid and order.state < shipped",
            "order.total > 5 and order.total < 7",
            "caller is user and not (caller is admin)",
            "own and caller is admin",
            "body.weeks > 2",
            "body.to == \"paid\"",
            "closed and not closed",
            "caller.id == \"a\" or caller.id == \"b\"",
        ] {
            assert_eq!(on_order(&format!("allow when {may}")), 0, "{may}");
        }
    }

    #[test]
    fn nor_may_a_guard_refuse_all_whom_it_lets_in() {
        assert_eq!(on_order("allow when own deny when own"), 1);
        assert_eq!(on_order("allow when own deny when own unless caller is admin"), 0);
        assert_eq!(
            on_order("allow when order.state == paid require when order.state == placed"),
            1
        );
        assert_eq!(on_order("allow when own deny when order.state == shipped"), 0);
        assert_eq!(on_order("allow when own deny when own waive dead_allow \"a test\""), 0);
    }

    #[test]
    fn nobody_is_known_on_a_public_route() {
        let policy = |access: &str| {
            format!(
                "transport {{ hosts [\"a.example\"] }}
                credential pat opaque {{ prefix \"t_\" caller {{ id: string }} }}
                resource note {{ key id: uuid user: string
                    predicate own {{ note.user == caller.id }} view v {{ id }} }}
                route GET /n/{{id}} {{ {access} params {{ id: uuid }} loads note by params.id
                    allow when own returns note.v }}
                route GET /m/{{id}} {{ accept [pat] params {{ id: uuid }} loads note by params.id
                    allow when own returns note.v }}"
            )
        };
        let dead = |access: &str| codes(&policy(access)).contains(&"dead_allow".to_owned());
        assert!(dead("public"));
        assert!(!dead("public optional accept [pat]"));
    }
}
