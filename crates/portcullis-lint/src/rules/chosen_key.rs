//! `chosen_key`: the client chooses what it is counted by.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::is_guessed;
use crate::ownership::{Key, charges};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "chosen_key",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A budget is counted by a header, by `request.origin` or by a field of the request, and no other \
            budget of the route is counted by caller or address alone. Where somebody guesses an account, \
            a field that names it is no such field.",
    why: "Whoever is refused sends another value and has a whole budget again. What limits a \
          client is what it cannot choose: `caller.id`, `request.ip` (OWASP API4).",
    example: with_access!(
        r#"
budget wishes { limit 60 per 1m  key [request.ip, body.reader] }

route POST /wishes {
    accept   [access]
    signed_in
    body     { title: string 1..80  reader: string 1..40 }
    budget   [wishes]
    returns  nothing
}
"#
    ),
    mend: "Count by `caller.id else request.ip`, alone or by a second budget.",
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
    let live = plan.routes.iter().filter(|route| route.retired.is_none());
    let found = live.filter_map(|route| {
        let guessed = is_guessed(route);
        let mut chosen = None;
        for charge in charges(route) {
            let key = Key::of(route, charge);
            // Where an account is guessed, it is what is to be counted: what goes with it is not.
            let account = guessed && key.account && !key.beside;
            if key.header || (key.input && !account) {
                chosen = chosen.or(Some(charge));
            } else if key.caller || key.address {
                return None;
            }
        }
        let charge = chosen?;
        let name = &plan.budgets.get(charge.budget)?.name;
        let message = format!("with another value the client has all of `{name}` again");
        Some(RULE.finding(charge.span, message).help(
            "charge one here that is counted by what a client cannot choose: `caller.id else request.ip`",
        ))
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
    fn a_client_is_counted_by_what_it_cannot_choose() {
        let found = |key: &str| codes(&RULE.example().replace("[request.ip, body.reader]", key));
        assert_eq!(found("body.reader"), ["chosen_key"]);
        assert_eq!(found("[request.ip, request.path]"), [""; 0]);
        let header =
            RULE.example().replace("signed_in", "signed_in header { device: string max 40 }");
        assert_eq!(codes(&header.replace("body.reader", "header.device")), ["chosen_key"]);
        let more = "budget all { limit 90 per 1m key request.ip }";
        let both = RULE.example().replace("[wishes]", "[wishes, all]");
        assert_eq!(codes(&format!("{both}{more}")), [""; 0]);
        let login = with_session!["access   access", "refresh  7d rotating at most 30d",];
        let login = login.replace("    budget  [per_client]\n", "");
        let login = |key: &str| codes(&login.replace("body.email", key));
        assert!(!login("body.email").contains(&RULE.name.to_owned()));
        assert!(login("body.password").contains(&RULE.name.to_owned()), "no account");
        assert!(
            login("[body.email, body.password]").contains(&RULE.name.to_owned()),
            "each guess anew"
        );
        let waived = "signed_in waive chosen_key \"readers are known by the proxy\"";
        assert_eq!(codes(&RULE.example().replace("signed_in", waived)), [""; 0]);
    }
}
