//! `refunded_success`: who succeeds is never limited.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Charge, Plan};
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::is_guessed;
use crate::ownership::charges;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "refunded_success",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption, Owasp::BusinessFlows],
    finds: "Off the routes where somebody guesses, every budget of a route says `refund on success`.",
    why: "`refund on success` is for sign-ins, where a failure is the attack. Anywhere else \
          success is what costs: orders, mails, rows. Whoever has valid requests may send as many \
          as they like (OWASP API4, API6).",
    example: with_access!(
        r#"
budget wishes { limit 60 per 1m  key request.ip  refund on success }

route POST /wishes {
    accept   [access]
    signed_in
    body     { title: string 1..80  reader: string 1..40 }
    budget   [wishes]
    returns  nothing
}
"#
    ),
    mend: "Take `refund on success` away, or charge a second budget without it.",
    mended: with_access!(
        r#"
budget wishes { limit 60 per 1m  key request.ip }

route POST /wishes {
    accept   [access]
    signed_in
    body     { title: string 1..80  reader: string 1..40 }
    budget   [wishes]
    returns  nothing
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    let live = plan.routes.iter().filter(|route| route.retired.is_none() && !is_guessed(route));
    let found = live.filter_map(|route| {
        let budget = |charge: &Charge| plan.budgets.get(charge.budget);
        let first = charges(route).next()?;
        let all = charges(route).all(|charge| budget(charge).is_some_and(|budget| budget.refund));
        let message = format!(
            "whoever succeeds on `{} {}` is not limited: `{}` gives it back",
            route.method,
            route.pattern,
            budget(first)?.name
        );
        all.then(|| {
            RULE.finding(first.span, message)
                .help("charge a budget here that has no `refund on success`")
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn a_success_is_counted_too() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        let both = "budget [wishes, all] } budget all { limit 9 per 1m key request.ip } //";
        let charged = "budget   [wishes]\n    returns  nothing\n}";
        assert_eq!(found(charged, &format!("returns nothing {both}")), [""; 0]);
        assert_eq!(found("signed_in", "signed_in retired"), [""; 0]);
        assert_eq!(
            found("signed_in", "signed_in waive refunded_success \"a failure is what costs\""),
            [""; 0]
        );
    }

    #[test]
    fn a_group_hands_its_budgets_down() {
        let (before, route) = RULE.example().split_once("route POST").unwrap();
        let route = route.replace("budget   [wishes]", "");
        let grouped = format!("{before} group /v1 {{ budget [wishes] route POST{route} }}");
        assert_eq!(codes(&grouped), ["refunded_success"]);
    }
}
