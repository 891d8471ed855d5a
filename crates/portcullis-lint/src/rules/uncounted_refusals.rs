//! `uncounted_refusals`: nothing counts tokens that are refused.

use std::collections::BTreeSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, CredentialKind, Plan, Route};
use portcullis_syntax::ast::BudgetClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_budget;
use crate::ownership::{Key, charges};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "uncounted_refusals",
    level: Severity::Note,
    owasp: &[Owasp::ResourceConsumption, Owasp::Authentication],
    finds: "A route asks the store about tokens (they are `opaque`, or `revocable`), and none of its \
            budgets counts a request whose token is refused.",
    why: "A budget of `caller.id` is charged once the caller is known. Whoever sends invented \
          tokens has each of them looked up, as often as they like. `key caller.id else \
          request.ip` counts them by address ([language](../language.md#budget)).",
    example: r#"
transport { hosts ["library.example"] }

credential access opaque {
    prefix  "library_"
    caller  { id: string }
}

budget per_caller { limit 60 per 1m  key caller.id }

route GET /loans {
    accept   [access]
    signed_in
    budget   [per_caller]
    returns  nothing
}
"#,
    mend: "Write `else request.ip` behind what the key reads of the caller.",
    mended: r#"
transport { hosts ["library.example"] }

credential access opaque {
    prefix  "library_"
    caller  { id: string }
}

budget per_caller { limit 60 per 1m  key caller.id else request.ip }

route GET /loans {
    accept   [access]
    signed_in
    budget   [per_caller]
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(|plan| of_plan(compilation, plan)).collect()
}

fn of_plan(compilation: &Compilation, plan: &Plan) -> Vec<Diagnostic> {
    let live = plan.routes.iter().filter(|route| route.retired.is_none() && asks(plan, route));
    let uncounted = live.filter(|route| !charges(route).any(|charge| charge.without_caller));
    let by_caller =
        uncounted.filter_map(|route| charges(route).find(|charge| Key::of(route, charge).caller));
    // Said once of each budget.
    let budgets = by_caller.map(|charge| charge.budget).collect::<BTreeSet<_>>();
    let found = budgets.into_iter().filter_map(|index| {
        let name = &plan.budgets.get(index)?.name;
        let place = in_budget(compilation, name, |clause| match clause {
            BudgetClause::Key(_, span) => Some(*span),
            _ => None,
        })?;
        let message =
            format!("`{name}` does not count tokens that are refused, nor does another budget");
        Some(RULE.finding(place, message).help("write `caller.id else request.ip`"))
    });
    found.collect()
}

/// Whether a token of the route is looked up in the store.
fn asks(plan: &Plan, route: &Route) -> bool {
    let credentials =
        route.access.accepted().iter().filter_map(|index| plan.credentials.get(*index));
    let asks = |kind: &CredentialKind| match kind {
        CredentialKind::Opaque { .. } => true,
        CredentialKind::Jwt(jwt) => jwt.revocable.is_some(),
    };
    matches!(route.access, Access::Credential(_))
        && credentials.into_iter().any(|found| asks(&found.kind))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_refused_token_is_counted() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        let more = "budget all { limit 90 per 1m key caller.id else request.ip }";
        let both = RULE.example().replace("[per_caller]", "[per_caller, all]");
        assert_eq!(codes(&format!("{both}{more}")), [""; 0]);
        assert_eq!(found("key caller.id", "key request.ip"), [""; 0]);
        let waived = "key caller.id waive uncounted_refusals \"the proxy counts\"";
        assert_eq!(found("key caller.id", waived), [""; 0]);
    }

    #[test]
    fn a_budget_is_named_once() {
        let again =
            "route GET /fines { accept [access] signed_in budget [per_caller] returns nothing }";
        assert_eq!(codes(&format!("{}{again}", RULE.example())), ["uncounted_refusals"]);
    }
}
