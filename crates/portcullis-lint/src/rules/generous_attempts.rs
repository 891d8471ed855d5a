//! `generous_attempts`: an account may be tried more than a hundred times an hour.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Limit, Plan, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::is_guessed;
use crate::ownership::{Key, account, charges};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "generous_attempts",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "On a sign-in, a sign-up, a reset or a check of a code, no budget of the account allows \
            less than 100 attempts an hour.",
    why: "OWASP ASVS 4.0, 2.2.1, asks that no more than 100 failed attempts an hour are possible \
          on one account; a code of six digits falls to ten a second within a day. The guide takes \
          5 in 15 minutes.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }
budget per_reader  { limit 20 per 1m  key body.email  refund on success }

route POST /login {
    public
    body     { email: string trim lowercase email  password: string 8..128 }
    budget   [per_address, per_reader]
    returns  nothing
}
"#,
    mend: "Take some twenty in a quarter of an hour: who mistypes a password does not need more.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }
budget per_reader  { limit 20 per 15m  key body.email  refund on success }

route POST /login {
    public
    body     { email: string trim lowercase email  password: string 8..128 }
    budget   [per_address, per_reader]
    returns  nothing
}
"#,
    check: Some(check),
};

/// OWASP ASVS 4.0, 2.2.1.
const MOST: u64 = 100;
const HOUR: u64 = 60 * 60;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let found = compilation.plans.iter().flat_map(|plan| {
        let guessed = plan.routes.iter().filter(|route| is_guessed(route));
        guessed.filter_map(|route| of_route(plan, route))
    });
    found.collect()
}

fn of_route(plan: &Plan, route: &Route) -> Option<Diagnostic> {
    let account = account(route)?;
    let of_account = charges(route).filter(|charge| Key::of(route, charge).is_of_account(route));
    let rates = of_account.filter_map(|charge| {
        let budget = plan.budgets.get(charge.budget)?;
        // The most generous of its limits: it is not known here who gets it.
        let most = budget.limits.iter().map(per_hour).max()?;
        Some((most / charge.cost.max(1), charge, budget))
    });
    let (least, charge, budget) = rates.min_by_key(|(rate, _, _)| *rate)?;
    let message = format!("one `{}` may be tried {least} times an hour", account.name);
    (least > MOST).then(|| {
        RULE.finding(charge.span, message)
            .help(format!("lower the limit of `{}`, to `20 per 15m` say", budget.name))
    })
}

fn per_hour(limit: &Limit) -> u64 {
    let seconds = limit.period.as_secs().max(1);
    if seconds >= HOUR { limit.units } else { limit.units.saturating_mul(HOUR) / seconds }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn an_account_is_tried_a_hundred_times_an_hour_at_most() {
        let found = |limit: &str| codes(&RULE.example().replace("20 per 1m", limit));
        for good in ["25 per 15m", "100 per 1h", "100 per 1d"] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["26 per 15m", "101 per 1h", "101 per 1d"] {
            assert_eq!(found(bad), ["generous_attempts"], "{bad}");
        }
        let dear = RULE.example().replace("per_reader]", "per_reader cost 20]");
        assert_eq!(codes(&dear), [""; 0]);
        let waived = "public waive generous_attempts \"each needs a proof of work\"";
        assert_eq!(codes(&RULE.example().replace("public", waived)), [""; 0]);
    }

    #[test]
    fn what_counts_no_account_makes_it_no_less() {
        let more = "budget other { limit 5 per 15m key body.device refund on success }";
        let policy = RULE.example().replace("per_reader]", "per_reader, other]");
        let policy = policy.replace("password: string", "device: string 1..9  password: string");
        let found = codes(&format!("{policy}{more}"));
        assert!(found.contains(&"generous_attempts".to_owned()), "{found:?}");
    }

    #[test]
    fn the_strictest_budget_counts() {
        let more = "budget strict { limit 5 per 15m key body.email refund on success }";
        let policy = RULE.example().replace("per_reader]", "per_reader, strict]");
        let found = codes(&format!("{policy}{more}"));
        assert!(!found.contains(&"generous_attempts".to_owned()), "{found:?}");
    }
}
