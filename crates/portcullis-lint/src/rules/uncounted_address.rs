//! `uncounted_address`: nothing counts how often one address tries accounts.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Route;
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::{is_guessed, renews};
use crate::ownership::{Key, charges};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "uncounted_address",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication, Owasp::ResourceConsumption],
    finds: "A route on which somebody guesses, or one that `renews session`, has no budget that is \
            counted by the client's address alone, with or without the caller. Guessed is where the \
            session is issued, where anybody may show a password or a code, or where the path says \
            that it is for signing in, signing up, a reset or a code.",
    why: "From one address every account is tried with the few most common passwords, or with \
          those of another service's leak, and no account is tried often (OWASP API2, credential \
          stuffing). A key of address and account together does not see it.",
    example: r#"
transport { hosts ["library.example"] }

budget per_reader { limit 20 per 15m  key body.email  refund on success }

route POST /login {
    public
    body     { email: string trim lowercase email  password: string 8..128 }
    budget   [per_reader]
    returns  nothing
}
"#,
    mend: "Charge a budget of `request.ip`, or of `caller.id else request.ip`.",
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
        compilation.plans.iter().flat_map(|plan| &plan.routes).filter(|route| is_tried(route));
    guessed.filter_map(of_route).collect()
}

/// Whether something that lets somebody in is tried here: a refresh token is as good as a password.
fn is_tried(route: &Route) -> bool {
    is_guessed(route) || (route.retired.is_none() && renews(route))
}

fn of_route(route: &Route) -> Option<Diagnostic> {
    let counted = charges(route).any(|charge| Key::of(route, charge).is_of_address());
    let message = match renews(route) {
        true => "nothing counts how many refresh tokens one address tries here",
        false => "nothing counts how many accounts one address tries here",
    };
    (!counted).then(|| {
        RULE.finding(route.span, message)
            .help("charge a budget of the address, like `limit 60 per 1m key request.ip`")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn an_address_is_counted_where_somebody_guesses() {
        let found = |more: &str, charged: &str| {
            let policy =
                RULE.example().replace("[per_reader]", &format!("[per_reader, {charged}]"));
            codes(&format!("{policy} budget other {{ limit 5 per 1m {more} }}"))
        };
        assert_eq!(found("key request.ip", "other"), [""; 0]);
        assert_eq!(found("key [request.ip, body.email]", "other"), ["uncounted_address"]);
        assert_eq!(found("", "other"), ["uncounted_address"]);
        let elsewhere = RULE
            .example()
            .replace("/login", "/wishes/{id}")
            .replace("password", "title")
            .replace("public", "public params { id: uuid }");
        assert!(!codes(&elsewhere).contains(&"uncounted_address".to_owned()));
        let waived = "public waive uncounted_address \"the proxy counts addresses\"";
        assert_eq!(codes(&RULE.example().replace("public", waived)), [""; 0]);
    }

    #[test]
    fn so_it_is_where_a_session_is_renewed() {
        let session = with_session!["access   access", "refresh  7d rotating at most 30d",];
        assert_eq!(codes(session), [""; 0]);
        let free = session.replace("    budget  [per_client]\n", "").replace(
            "        budget   [per_reader]\n",
            "        budget   [per_client, per_reader]\n",
        );
        assert_eq!(codes(&free), ["uncounted_address"]);
        let counted = free.replace("renews   session", "renews session budget [per_client]");
        assert_eq!(codes(&counted), [""; 0]);
        let retired = free.replace("renews   session", "retired");
        assert!(!codes(&retired).contains(&RULE.name.to_owned()), "{:?}", codes(&retired));
    }
}
