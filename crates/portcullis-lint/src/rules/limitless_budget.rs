//! `limitless_budget`: a limit is so large that it limits nothing.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Budget;
use portcullis_syntax::ast::BudgetClause;
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::declared::in_budget;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "limitless_budget",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A limit of a budget is a million units a second or more.",
    why: "No service answers so many, so it reads like a limit and is none. Mostly a period was \
          left at a second, or a number has a zero too many.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 5_000_000 per 1s  key request.ip }

route GET /hours {
    public
    budget   [per_address]
    returns  nothing
}
"#,
    mend: "Take what one client needs at its busiest, and some more.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 600 per 1m  key request.ip }

route GET /hours {
    public
    budget   [per_address]
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let budgets = compilation.plans.iter().flat_map(|plan| &plan.budgets);
    let limits = budgets.flat_map(|budget| {
        let all = budget.limits.iter().enumerate();
        all.map(move |(index, limit)| (budget, index, limit))
    });
    let found = limits.filter_map(|(budget, index, limit)| {
        let message =
            format!("`{}` never limits anybody: this is a million a second or more", budget.name);
        let per_second = limit.units / limit.period.as_secs().max(1);
        let place = if per_second < MILLION { None } else { place(compilation, budget, index) }?;
        Some(RULE.finding(place, message).help("write what one client needs at its busiest"))
    });
    found.collect()
}

const MILLION: u64 = 1_000_000;

/// Where the limit of this place stands.
pub(super) fn place(compilation: &Compilation, budget: &Budget, index: usize) -> Option<Span> {
    let limits = std::cell::Cell::new(0);
    in_budget(compilation, &budget.name, |clause| match clause {
        BudgetClause::Limit { span, .. } => {
            let seen = limits.replace(limits.get() + 1);
            (seen == index).then_some(*span)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_limit_limits() {
        let found = |limit: &str| codes(&RULE.example().replace("5_000_000 per 1s", limit));
        assert_eq!(found("999_999 per 1s"), [""; 0]);
        assert_eq!(found("5_000_000 per 1m"), [""; 0]);
        let last = "5 per 1m when request.ip in [10.0.0.0/8] limit 1_000_000 per 1s";
        assert_eq!(found(last), ["limitless_budget"]);
        assert_eq!(found("1_000_000 per 1s waive limitless_budget \"a load test\""), [""; 0]);
    }
}
