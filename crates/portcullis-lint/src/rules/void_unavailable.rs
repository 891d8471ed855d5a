//! `void_unavailable`: a budget says `unavailable admit`, and on some route another budget needs the
//! store.
//!
//! **Why it is bad.** While the store cannot be reached, such a route refuses for the other budget:
//! what the policy promises of the first does not happen there, and whoever is woken by it had
//! planned on it.
//!
//! **Example.** `budget [reports, per_caller]`, where only `reports` may wait for no store.
//!
//! **The mend.** Say `unavailable admit` of both, or of neither, or charge them on different routes.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Budget, Charge, Plan};
use portcullis_syntax::{Code, Diagnostic};

pub(crate) fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let of_routes =
        plan.routes.iter().filter(|route| route.retired.is_none()).map(|route| {
            route.stages().flat_map(|(_, checks)| &checks.charges).collect::<Vec<_>>()
        });
    let of_actions = plan.actions.iter().map(|action| action.caller.charges.iter().collect());
    of_routes.chain(of_actions).flat_map(|charges| together(plan, &charges)).collect()
}

/// What is charged for one request.
fn together(plan: &Plan, charges: &[&Charge]) -> Vec<Diagnostic> {
    let budget = |charge: &Charge| plan.budgets.get(charge.budget);
    let with = |admits: bool| move |budget: &&Budget| budget.unavailable_admits == admits;
    let needs = charges
        .iter()
        .find_map(|charge| budget(charge).filter(with(false)).map(|budget| (budget, charge.span)));
    let Some((needs, place)) = needs else {
        return Vec::new();
    };
    let admitting = charges
        .iter()
        .filter_map(|charge| budget(charge).filter(with(true)).map(|budget| (budget, charge.span)));
    admitting
        .map(|(admits, span)| {
            let message = format!(
                "`unavailable admit` of `{}` is void: `{}` needs the store here too",
                admits.name, needs.name
            );
            Diagnostic::error(Code::VoidUnavailable, span, message)
                .and(place, "without the store, this refuses")
                .help("let both admit without the store, or neither")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn what_admits_without_the_store_is_not_beside_what_needs_it() {
        let policy = |of_group: &str, of_route: &str| {
            format!(
                r#"transport {{ hosts ["a.example"] }}
                budget reports {{ limit 5 per 1m unavailable admit "reports may wait for no store" }}
                budget other {{ limit 5 per 1m unavailable admit "so may these" }}
                budget strict {{ limit 5 per 1m key request.ip }}
                group /a {{
                    budget [{of_group}]
                    route GET /b {{ public budget [{of_route}] waive missing_returns "a test" }}
                }}
                route GET /c {{ public budget [other reports] retired }}
                route GET /d {{ public budget [strict other reports]
                    waive missing_returns "a test" waive void_unavailable "a test" }}"#
            )
        };
        assert_eq!(codes(&policy("reports", "other")), [""; 0]);
        assert_eq!(codes(&policy("reports", "strict")), ["void_unavailable"]);
        assert_eq!(codes(&policy("strict", "reports")), ["void_unavailable"]);
    }
}
