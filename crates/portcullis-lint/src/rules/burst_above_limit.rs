//! `burst_above_limit`: more comes through at once than the limit says for its period.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};
use crate::rules::limitless_budget::place;

pub(crate) const RULE: Rule = Rule {
    name: "burst_above_limit",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "The `burst` of a budget is larger than its limit.",
    why: "`limit 60 per 1m burst 5_000` reads like sixty a minute, and whoever waits sends five \
          thousand at once. What is to hold for a minute holds for an hour and more.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m burst 5_000  key request.ip }

route GET /hours {
    public
    budget   [per_address]
    returns  nothing
}
"#,
    mend: "Lower the `burst`, or say the limit for the longer period that is meant.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m burst 10  key request.ip }

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
        let name = &budget.name;
        let message = format!(
            "`{}` lets {} through at once, and {} in the period",
            name, limit.burst, limit.units
        );
        let place =
            if limit.burst <= limit.units { None } else { place(compilation, budget, index) }?;
        Some(
            RULE.finding(place, message)
                .help("lower `burst` to the limit or below, or write the limit of a longer period"),
        )
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_burst_is_part_of_a_limit() {
        let found = |limit: &str| codes(&RULE.example().replace("60 per 1m burst 5_000", limit));
        assert_eq!(found("60 per 1m burst 60"), [""; 0]);
        assert_eq!(found("60 per 1m burst 61"), ["burst_above_limit"]);
        assert_eq!(found("60 per 1m burst 61 waive burst_above_limit \"a nightly job\""), [""; 0]);
    }
}
