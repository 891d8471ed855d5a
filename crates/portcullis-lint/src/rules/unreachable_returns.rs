//! `unreachable_returns`: a view is never chosen, for another before it always is.

use std::collections::BTreeMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Condition, Returns};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::logic::Known;
use crate::rule::{Owasp, Rule};
use crate::settings::Settings;

pub(crate) const RULE: Rule = Rule {
    name: "unreachable_returns",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization],
    finds: "A `returns` is never chosen: those before it hold for every request, or its own condition for none.",
    why: "The first that fits is shown. Mostly the narrow view stands last, for everybody else, and everybody is \
          shown the wide one.",
    example: with_access!(
        r#"
role reader { read:loans }

resource loan {
    key      id: uuid
    reader:  string
    fine:    int

    predicate own { loan.reader == caller.id }

    view card { id }
    view full { id fine }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    returns  loan.full when caller can read:loans
    returns  loan.card
}
"#
    ),
    mend: "Let the condition tell callers apart, or put what asks for more first.",
    mended: with_access!(
        r#"
role reader                  { read:loans }
role desk    inherits reader { read:fines }

resource loan {
    key      id: uuid
    reader:  string
    fine:    int

    predicate own { loan.reader == caller.id }

    view card { id }
    view full { id fine }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    returns  loan.full when caller can read:fines
    returns  loan.card
}
"#
    ),
    check: Some(check),
};

static ALWAYS: Condition = Condition::Constant(true);

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let settings = Settings::of(compilation);
    // By its place: whether it is never chosen, in every profile so far.
    let mut unreachable: BTreeMap<Span, bool> = BTreeMap::new();
    for plan in &compilation.plans {
        for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
            let mut before = Vec::new();
            for returns in &route.returns {
                let known = Known::new(plan, route);
                let condition = condition(returns);
                let own = settings.decide(returns.span);
                let mut asked = before.clone();
                asked.push((condition, true));
                let never = !own && !known.possible(&asked);
                *unreachable.entry(returns.span).or_insert(true) &= never;
                if !own {
                    before.push((condition, false));
                }
            }
        }
    }
    let never = unreachable.into_iter().filter(|(_, never)| *never);
    never
        .map(|(span, _)| {
            RULE.finding(span, "this is never chosen")
                .help("let a `when` before it ask for what only some have, or take this away")
        })
        .collect()
}

fn condition(returns: &Returns) -> &Condition {
    returns.condition.as_ref().unwrap_or(&ALWAYS)
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn every_view_is_for_somebody() {
        let found = |returns: &str| {
            let policy = format!(
                "setting on: bool {{ always true }}
                role user {{ read:orders }} role admin inherits user {{ write:orders }}
                resource order {{ key id: uuid user: string
                    predicate own {{ order.user == caller.id }} view v {{ id }} view w {{ user }} }}
                route GET /o/{{id}} {{ accept [access] params {{ id: uuid }} needs read:orders
                    loads order by params.id allow when own {returns} }}"
            );
            count("unreachable_returns", &policy)
        };
        assert_eq!(found("returns order.v"), 0);
        assert_eq!(found("returns order.w when caller is admin returns order.v"), 0);
        assert_eq!(found("returns order.w when exists caller returns order.v"), 1);
        let twice = "returns order.w when caller is user returns order.w when caller is admin";
        assert_eq!(found(&format!("{twice} returns order.v")), 1);
        assert_eq!(
            found("returns order.w when own returns order.w when not own returns order.v"),
            1
        );
        assert_eq!(found("returns order.w when on returns order.v"), 0);
        assert_eq!(
            found("returns order.w when true returns order.v waive unreachable_returns \"a test\""),
            0
        );
    }
}
