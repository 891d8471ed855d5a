//! `repeated_guard`: a `deny` or `require` refuses nobody whom another does not refuse too.

use std::collections::BTreeMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Condition, Guard};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::declared::{whole, within};
use crate::logic::{Known, MOST_COMPARED};
use crate::rule::{Owasp, Rule};
use crate::settings::Settings;

pub(crate) const RULE: Rule = Rule {
    name: "repeated_guard",
    level: Severity::Warning,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A `deny` or `require` refuses nobody whom another of the route, of a group around it or of an action \
            does not refuse too, for the same reason.",
    why: "It has no effect, and whoever changes one of the two believes to have changed what is refused. Of \
          a route with more than 128 of them the first 128 are compared.",
    example: with_access!(
        r#"
role reader { read:loans }

group /loans {
    accept  [access]
    deny    when not (caller is reader)

    route GET / {
        needs    read:loans
        deny     when not (caller is reader)
        returns  nothing
    }
}
"#
    ),
    mend: "Say it once: in the group, where it is meant for all in it. Of two that are equal `portcullis lint \
           --fix` takes the route's own away.",
    mended: with_access!(
        r#"
role reader { read:loans }

group /loans {
    accept  [access]
    deny    when not (caller is reader)

    route GET / {
        needs    read:loans
        returns  nothing
    }
}
"#
    ),
    check: Some(check),
};

/// A guard at its stage.
#[derive(Clone, Copy)]
struct At<'p> {
    stage: usize,
    must_hold: bool,
    guard: &'p Guard,
}

impl<'p> At<'p> {
    /// What its condition is where it refuses, or where it does not.
    fn refuses(self, refuses: bool) -> (&'p Condition, bool) {
        (&self.guard.condition, self.must_hold != refuses)
    }
}

/// The guard that refuses all whom another does, and whether they are equal.
type Wider = Option<(Span, bool)>;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let settings = Settings::of(compilation);
    let whole = whole(compilation);
    let mut wider: BTreeMap<Span, (bool, Vec<Wider>)> = BTreeMap::new();
    for plan in &compilation.plans {
        for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
            let mut guards = Vec::new();
            for (stage, (_, checks)) in route.stages().enumerate() {
                let at = |must_hold| move |guard| At { stage, must_hold, guard };
                guards.extend(checks.requires.iter().map(at(true)));
                guards.extend(checks.denies.iter().map(at(false)));
            }
            guards.retain(|at| !settings.decide(at.guard.span));
            guards.truncate(MOST_COMPARED);
            for (place, at) in guards.iter().enumerate() {
                let around = whole.get(&route.span);
                let own = around.is_some_and(|around| within(at.guard.span, *around));
                let (_, known) = wider.entry(at.guard.span).or_insert((own, Vec::new()));
                // It does something on another route already.
                if known.last() != Some(&None) {
                    known.push(wider_than(&Known::new(plan, route), place, *at, &guards));
                }
            }
        }
    }
    let mut found = Vec::new();
    for (span, (own, others)) in wider {
        let Some(others) = others.into_iter().collect::<Option<Vec<_>>>() else { continue };
        let equal = others.iter().all(|(_, equal)| *equal);
        let Some((other, _)) = others.into_iter().next() else { continue };
        let finding = RULE.finding(span, "another clause refuses all whom this one does");
        let finding = finding.and(other, "this one");
        found.push(if equal && own {
            finding.help("take it away").edit(span, "")
        } else {
            finding.help("keep the one that is meant")
        });
    }
    found
}

fn wider_than(known: &Known<'_>, place: usize, at: At<'_>, all: &[At<'_>]) -> Wider {
    let covers = |wide: At<'_>, narrow: At<'_>| {
        !known.possible(&[narrow.refuses(true), wide.refuses(false)])
    };
    // What refuses nobody is told by another rule.
    if !known.possible(&[at.refuses(true)]) {
        return None;
    }
    all.iter().enumerate().find_map(|(index, other)| {
        let same = other.must_hold == at.must_hold && other.guard.reason == at.guard.reason;
        // What is asked earlier is answered earlier, and so is more than a repetition.
        if index == place || !same || other.stage > at.stage || !covers(*other, at) {
            return None;
        }
        let equal = other.stage == at.stage && covers(at, *other);
        (!equal || index < place).then_some((other.guard.span, equal))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::{count, found};

    fn policy(group: &str, clauses: &str) -> String {
        format!(
            "role user {{ read:orders }}
            enum state {{ placed paid shipped }}
            resource order {{ key id: uuid user: string state: state
                predicate own {{ order.user == caller.id }} view v {{ id }} }}
            group /o/{{id}} {{ accept [access] params {{ id: uuid }} {group}
                route GET / {{ needs read:orders
                    loads order by params.id allow when own {clauses} returns order.v }}
                route PUT / {{ needs read:orders
                    loads order by params.id allow when own returns order.v }} }}"
        )
    }

    #[test]
    fn a_guard_is_said_once() {
        let found = |group: &str, clauses: &str| count("repeated_guard", &policy(group, clauses));
        let deny = "deny when caller.id == \"a\"";
        assert_eq!(found(deny, deny), 1);
        assert_eq!(found(deny, &format!("{deny} as conflict")), 0);
        assert_eq!(found("", &format!("{deny} deny when caller.id in [\"a\", \"b\"]")), 1);
        assert_eq!(found("", &format!("{deny} deny when caller.id == \"b\"")), 0);
        assert_eq!(found("", "deny when order.state == paid deny when order.state >= paid"), 1);
        assert_eq!(
            found("", "require when order.state == paid require when order.state >= paid"),
            1
        );
        // Of the other route nobody has said so much.
        assert_eq!(found("deny when order.state == paid", "deny when order.state >= paid"), 0);
        let waived = format!("{deny} waive repeated_guard \"a test\"");
        assert_eq!(found(deny, &waived), 0);
    }

    #[test]
    fn the_own_clause_of_a_route_may_go() {
        let deny = "deny when caller.id == \"a\"";
        let text = format!("{}{}", with_access!(""), policy(deny, deny));
        let edit = found(&text).iter().find_map(|found| found.edits.first().cloned()).unwrap();
        assert!(text.get(..edit.span.start as usize).unwrap().contains("allow when own"));
    }
}
