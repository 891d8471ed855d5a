//! `shadowed_allow`: an `allow` lets in nobody whom another does not let in too.

use std::collections::BTreeMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Allow;
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::logic::{Known, MOST_COMPARED};
use crate::rule::{Owasp, Rule};
use crate::settings::Settings;

pub(crate) const RULE: Rule = Rule {
    name: "shadowed_allow",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization, Owasp::ObjectAuthorization],
    finds: "An `allow` lets in nobody whom another of the same route or action does not let in too.",
    why: "It has no effect. Where the two are equal one is too many; where one asks for more, its author \
          took the other for narrower than it is. Of a route with more than 128 of them the first 128 are compared.",
    example: with_loans!(
        r#"
route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    allow    when own and loan.state == running
    returns  loan.full
}
"#
    ),
    mend: "Keep the one that was meant. Of two that are equal `portcullis lint --fix` takes the second away.",
    mended: with_loans!(
        r#"
route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own and loan.state == running
    returns  loan.full
}
"#
    ),
    check: Some(check),
};

/// The clause that lets in all whom another does, and whether they are equal.
type Wider = Option<(Span, bool)>;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let settings = Settings::of(compilation);
    let mut wider: BTreeMap<Span, Vec<Wider>> = BTreeMap::new();
    for plan in &compilation.plans {
        for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
            for group in route.stages().flat_map(|(_, checks)| &checks.allows) {
                let judged = group.iter().filter(|allow| !settings.decide(allow.span));
                let judged = judged.take(MOST_COMPARED).collect::<Vec<_>>();
                for (place, allow) in judged.iter().enumerate() {
                    let known = wider.entry(allow.span).or_default();
                    // It does something on another route already.
                    if known.last() != Some(&None) {
                        known.push(wider_than(&Known::new(plan, route), place, allow, &judged));
                    }
                }
            }
        }
    }
    let mut found = Vec::new();
    for (span, others) in wider {
        // An action's clause has to be idle wherever the action is done.
        let Some(others) = others.into_iter().collect::<Option<Vec<_>>>() else { continue };
        let equal = others.iter().all(|(_, equal)| *equal);
        let Some((other, _)) = others.into_iter().next() else { continue };
        let finding = RULE.finding(span, "another `allow` lets in all whom this one does");
        let finding = finding.and(other, "this one");
        found.push(if equal {
            finding.help("take one of them away").edit(span, "")
        } else {
            finding.help("keep the one that is meant")
        });
    }
    found
}

fn wider_than(known: &Known<'_>, place: usize, allow: &Allow, all: &[&Allow]) -> Wider {
    // What never or always holds is told by other rules.
    if known.never(&allow.condition) {
        return None;
    }
    all.iter().enumerate().find_map(|(index, other)| {
        if index == place
            || !known.implies(&allow.condition, &other.condition)
            || known.always(&other.condition)
        {
            return None;
        }
        let equal = known.implies(&other.condition, &allow.condition);
        // Of two that are equal the first stays.
        (!equal || index < place).then_some((other.span, equal))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::{count, found};

    fn count_of(clauses: &str) -> usize {
        count("shadowed_allow", &policy(clauses))
    }

    fn policy(clauses: &str) -> String {
        format!(
            "setting late: int {{ always 5 }}
            role user {{ read:orders }} role admin inherits user {{ write:orders }}
            enum state {{ placed paid shipped }}
            resource order {{ key id: uuid user: string state: state total: int
                predicate own {{ order.user == caller.id }}
                predicate early {{ order.state < shipped }} view v {{ id }} }}
            route GET /o/{{id}} {{ accept [access] params {{ id: uuid }} needs read:orders
                loads order by params.id {clauses} returns order.v }}"
        )
    }

    #[test]
    fn each_allow_lets_in_somebody() {
        let found = count_of;
        assert_eq!(found("allow when own allow when own"), 1);
        assert_eq!(found("allow when own allow when caller.id == order.user"), 1);
        assert_eq!(found("allow when own and early allow when own"), 1);
        assert_eq!(found("allow when caller is user allow when caller is admin"), 1);
        assert_eq!(found("allow when order.state == paid allow when early"), 1);
        assert_eq!(found("allow when order.total > 7 allow when order.total >= 5"), 1);
        assert_eq!(found("allow when own allow when early"), 0);
        assert_eq!(found("allow when own allow when own or early"), 1);
        assert_eq!(found("allow when order.total > late allow when order.total > 3"), 0);
        assert_eq!(found("allow when own allow when own waive shadowed_allow \"a test\""), 0);
    }

    #[test]
    fn of_very_many_the_first_are_compared() {
        let many = |count: usize, last: &str| {
            let each = (0..count).map(|index| format!("allow when order.total == {index} "));
            count_of(&format!("{}{last}", each.collect::<String>()))
        };
        assert_eq!(many(127, "allow when order.total == 5"), 1);
        assert_eq!(many(128, "allow when order.total == 5"), 0);
        // It would take minutes to compare all of these.
        assert_eq!(many(5_000, "allow when own"), 0);
    }

    #[test]
    fn of_two_that_are_equal_the_second_may_go() {
        let text = format!("{}{}", with_access!(""), policy("allow when own allow when own"));
        let shadowed = found(&text);
        let edit = shadowed.iter().find_map(|found| found.edits.first()).unwrap();
        let text = text.get(..edit.span.start as usize).unwrap();
        assert!(text.ends_with("allow when own "), "{text}");
        let narrower =
            format!("{}{}", with_access!(""), policy("allow when own and early allow when own"));
        assert!(found(&narrower).iter().all(|found| found.edits.is_empty()));
    }
}
