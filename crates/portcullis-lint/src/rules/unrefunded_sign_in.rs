//! `unrefunded_sign_in`: an account that signs in often is locked out by it.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::{is_guessed, issues};
use crate::ownership::{Key, account, charges};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unrefunded_sign_in",
    level: Severity::Note,
    owasp: &[Owasp::Authentication],
    finds: "On a route that `issues session` a budget of the account alone has no `refund on \
            success`.",
    why: "Who knows the password is counted like who guesses it: several devices and a script lock \
          their own user out. With the refund only failures count.",
    example: with_session![
 per_reader "20 per 15m  key body.email"; "access   access", "refresh  7d rotating at most 30d",],
    mend: "Add `refund on success` to the budget.",
    mended: with_session!["access   access", "refresh  7d rotating at most 30d",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    let sign_ins = plan.routes.iter().filter(|route| is_guessed(route) && issues(route));
    let charges = sign_ins.flat_map(|route| {
        let account = account(route);
        charges(route).filter_map(move |charge| Some((account?, route, charge)))
    });
    let found = charges.filter_map(|(account, route, charge)| {
        let budget = plan.budgets.get(charge.budget)?;
        let alone = Key::of(route, charge).is_of_account(route);
        (alone && !budget.refund).then(|| {
            RULE.finding(
                charge.span,
                format!(
                    "who signs in with the right password is counted too, by its `{}`",
                    account.name
                ),
            )
            .help(format!("add `refund on success` to `{}`", budget.name))
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_sign_in_that_succeeds_is_given_back() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("key body.email", "key [request.ip, body.email]"), ["uncounted_account"]);
        assert_eq!(found("key body.email", "key body.email refund on success"), [""; 0]);
        let waived = "issues session waive unrefunded_sign_in \"it is one device each\"";
        assert_eq!(found("issues   session", waived), [""; 0]);
    }
}
