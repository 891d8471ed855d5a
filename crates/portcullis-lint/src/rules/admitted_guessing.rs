//! `admitted_guessing`: while the store is away, everybody may guess.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::is_guessed;
use crate::ownership::charges;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "admitted_guessing",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A budget of a route on which somebody signs in, signs up, resets a password or shows a \
            code says `unavailable admit`.",
    why: "Whoever can make the store fall over, by load perhaps, has no limit then on the route \
          where it matters most. A sign-in can wait until the store is back.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip  unavailable admit "the same" }
budget per_reader {
    limit        20 per 15m
    key          body.email
    refund on success
    unavailable  admit "readers sign in when the store is away"
}

route POST /login {
    public
    body     { email: string trim lowercase email  password: string 8..128 }
    budget   [per_address, per_reader]
    returns  nothing
}
"#,
    mend: "Take `unavailable admit` away: the answer is `store_unavailable` then, and the client \
           comes again.",
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

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    let guessed = plan.routes.iter().filter(|route| is_guessed(route));
    let found = guessed.filter_map(|route| {
        // Where one of them refuses, the route does: `void_unavailable` says so of the others.
        let mut budgets =
            charges(route).filter_map(|charge| Some((charge, plan.budgets.get(charge.budget)?)));
        let (charge, budget) = budgets.next().filter(|(_, budget)| budget.unavailable_admits)?;
        if !budgets.all(|(_, budget)| budget.unavailable_admits) {
            return None;
        }
        let message =
            format!("while the store is away, `{}` lets everybody guess here", budget.name);
        Some(
            RULE.finding(charge.span, message).help(
                "take `unavailable admit` away, or charge a budget here that does not say it",
            ),
        )
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
    fn nobody_guesses_while_the_store_is_away() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("unavailable admit \"the same\"", ""), ["void_unavailable"]);
        let other = RULE.example().replace("/login", "/wishes").replace("password", "title");
        let other = other.replace("refund on success", "");
        assert_eq!(codes(&other), [""; 0]);
        let waived = "public waive admitted_guessing \"the proxy counts as well\"";
        assert_eq!(found("public", waived), [""; 0]);
    }
}
