//! `uncounted_account`: nothing counts how often one account is tried.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Route;
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::is_guessed;
use crate::ownership::{Key, account, charges};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "uncounted_account",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication, Owasp::ResourceConsumption],
    finds: "A route on which somebody guesses has no budget that is counted by the field that names the \
            account; one that `issues session`, none of the account alone. With the secret, with what \
            goes with it, such as a device, or with a header each value is another count. Such a route issues the session, takes a \
            password or a code from anybody, or says by its path that it is for signing in, signing \
            up, a reset or a code.",
    why: "Whoever has many addresses tries one account from each of them, and no budget by address \
          or caller sees it: a password of the most common ones is found in hours (OWASP API2; the \
          guide counts by address and account).",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }

route POST /login {
    public
    body     { email: string trim lowercase email  password: string 8..128 }
    budget   [per_address]
    returns  nothing
}
"#,
    mend: "Add a budget whose `key` is the field that names the account. On a sign-in give it \
           `refund on success`, so that its owner is not counted.",
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
    let guessed =
        compilation.plans.iter().flat_map(|plan| &plan.routes).filter(|route| is_guessed(route));
    guessed.filter_map(of_route).collect()
}

fn of_route(route: &Route) -> Option<Diagnostic> {
    let account = account(route)?;
    let mut keys = charges(route).map(|charge| Key::of(route, charge));
    if keys.any(|key| key.is_of_account(route)) {
        return None;
    }
    let name = &account.name;
    let by_address = |key: Key| key.account && key.address && !key.beside && !key.header;
    let message = if charges(route).any(|charge| by_address(Key::of(route, charge))) {
        format!("each address may try the same `{name}` anew")
    } else {
        format!("nothing counts how often one `{name}` is tried")
    };
    Some(RULE.finding(route.span, message).and(account.span, "the account").help(
        "charge a budget of the account, like `limit 20 per 15m key body.email refund on success`",
    ))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    fn with(from: &str, to: &str) -> Vec<String> {
        codes(&RULE.example().replace(from, to))
    }

    #[test]
    fn an_account_is_counted_where_it_is_guessed() {
        for path in ["/sign-up", "/auth/forgot_password", "/otp"] {
            assert_eq!(with("/login", path), ["uncounted_account"], "{path}");
        }
        assert_eq!(with("/login", "/sessions"), ["uncounted_account"], "a password is taken");
        let wishes = RULE.example().replace("/login", "/wishes").replace("password", "title");
        assert_eq!(codes(&wishes), [""; 0]);
        assert_eq!(with("public", "public retired"), [""; 0]);
        let both = "[request.ip, body.email]";
        let idle = "key request.ip } budget b { limit 20 per 15m key body.email";
        assert_eq!(with("key request.ip", idle), ["unused_budget", "uncounted_account"]);
        let two = format!(
            "budget [b, per_address]\n returns nothing }}
                budget b {{ limit 5 per 15m key {both} }} //"
        );
        let sample =
            RULE.example().replace("budget   [per_address]\n    returns  nothing\n}", &two);
        assert_eq!(codes(&sample), [""; 0]);
        let none = "email: string trim lowercase email  ";
        assert_eq!(with(none, ""), [""; 0], "nothing says whose password it is");
        assert_eq!(with("public", "public waive uncounted_account \"a captcha\""), [""; 0]);
    }

    #[test]
    fn another_field_is_no_account() {
        let found = |key: &str| {
            let sample = RULE.example().replace("[per_address]", "[per_address, other]");
            let sample = sample.replace("password:", "device: string 1..40  password:");
            codes(&format!("{sample} budget other {{ limit 20 per 15m key {key} }}"))
        };
        assert_eq!(found("body.email"), [""; 0]);
        assert_eq!(found("[request.ip, body.email]"), [""; 0]);
        for other in ["body.device", "body.password", "[body.email, body.device]"] {
            assert_eq!(found(other), ["uncounted_account"], "{other}");
        }
    }

    #[test]
    fn on_a_sign_in_by_the_account_alone() {
        let session = with_session!["access   access", "refresh  7d rotating at most 30d",];
        assert_eq!(codes(session), [""; 0]);
        let from_one_place = session.replace("key body.email", "key [request.ip, body.email]");
        assert_eq!(codes(&from_one_place), ["uncounted_account"]);
        let card = session.replace("email: string trim lowercase email", "card: string 1..40");
        let card = card.replace("body.email", "request.ip");
        assert!(codes(&card).contains(&"uncounted_account".to_owned()), "{:?}", codes(&card));
    }
}
