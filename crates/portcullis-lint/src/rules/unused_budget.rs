//! `unused_budget`: no route charges the budget.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::Item;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unused_budget",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "No route charges the budget.",
    why: "It reads like a limit and limits nothing.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }
"#,
    mend: "Name it on the routes or groups that it is for.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }

route GET /books {
    public
    budget   [per_address]
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let charged = |name: &str| {
        plan.routes
            .iter()
            .flat_map(|route| route.stages())
            .map(|(_, checks)| checks)
            .chain(plan.actions.iter().map(|action| &action.caller))
            .flat_map(|checks| &checks.charges)
            .filter_map(|charge| plan.budgets.get(charge.budget))
            .any(|budget| budget.name == name)
    };
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let budgets = items.filter_map(|item| match item {
        Item::Budget(budget) => Some(budget),
        _ => None,
    });
    budgets
        .filter(|budget| !charged(&budget.name.node))
        .map(|budget| {
            RULE.finding(
                budget.name.span,
                format!("no route charges the budget `{}`", budget.name.node),
            )
            .help(format!("add `budget [{}]` to a route or group", budget.name.node))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_budget_is_charged_by_some_route() {
        let policy = |charge: &str| {
            format!(
                "transport {{ hosts [\"a.example\"] }} budget b {{ limit 5 per 1m key request.ip }}
                route GET /a {{ public {charge} waive missing_returns \"a test\" }}"
            )
        };
        assert_eq!(codes(&policy("")), ["unused_budget"]);
        assert_eq!(codes(&policy("budget [b]")), [""; 0]);
    }
}
