//! `unfinished_session`: no route issues, renews or ends the session.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Plan, SessionVerb};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unfinished_session",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A policy has a `session`, and no route that `issues` it, `renews` it or `ends` it.",
    why: "Where nothing ends it, nobody can sign out: a session that was left open on another \
          device stays open until it expires (OWASP ASVS 4.0, 3.3.1; the guide: \"Implement token \
          blocklist for logout\"). Where nothing renews it, its refresh tokens are a risk without a \
          use.",
    example: r#"
transport { hosts ["library.example"]  hsts 365d }

credential access jwt {
    issuer      "https://library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    revocable
    caller      { id: string from "sub" }
}

session {
    access   access
    refresh  7d rotating at most 30d
}

budget per_client { limit 60 per 1m  key caller.id else request.ip }
budget per_reader { limit 20 per 15m  key body.email  refund on success }

group /auth {
    accept  [access]
    budget  [per_client]

    route POST /login {
        public
        body     { email: string trim lowercase email  password: string 1..128 }
        budget   [per_reader]
        issues   session
        returns  nothing
    }

    route POST /refresh {
        public
        renews   session
        returns  nothing
    }
}
"#,
    mend: "Add the route, with `ends session` and `signed_in` for the sign-out.",
    mended: with_session!["access   access", "refresh  7d rotating at most 30d",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    let Some(session) = &plan.session else {
        return Vec::new();
    };
    let live = plan.routes.iter().filter(|route| route.retired.is_none());
    let verbs = live.filter_map(portcullis_compiler::plan::Route::session_verb).collect::<Vec<_>>();
    let lacks = |verb: SessionVerb| !verbs.contains(&verb);
    let said = [
        (SessionVerb::Issues, "no route issues it: nobody can sign in"),
        (SessionVerb::Renews, "no route renews it: its refresh tokens are good for nothing"),
        (SessionVerb::Ends, "no route ends it: nobody can sign out"),
    ];
    let missing = said.into_iter().filter(|(verb, _)| lacks(*verb));
    let found = missing.map(|(verb, what)| {
        RULE.finding(session.span, what)
            .help(format!("add a route with `{} session`", verb.as_str()))
    });
    // Of a policy that is only begun, the first is enough.
    if verbs.is_empty() { found.take(1).collect() } else { found.collect() }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::{codes, found};

    #[test]
    fn who_signs_in_can_sign_out() {
        let without = |verb: &str| {
            let retired = format!("retired {verb} session");
            codes(
                &RULE
                    .mended()
                    .replace(&format!("{verb} session"), &retired)
                    .replace(&format!("{verb}   session"), &retired)
                    .replace(&format!("{verb}     session"), &retired),
            )
        };
        assert_eq!(without("renews"), ["unfinished_session"]);
        assert_eq!(without("ends"), ["unfinished_session"]);
        let waived = "30d waive unfinished_session \"sign-out is elsewhere\"";
        assert_eq!(codes(&RULE.example().replace("30d\n", waived)), [""; 0]);
    }

    #[test]
    fn a_policy_without_such_routes_hears_it_once() {
        let (begun, _) = RULE.example().split_once("budget").unwrap();
        let found = found(begun);
        assert_eq!(found.len(), 1);
        assert!(found.iter().all(|finding| finding.message.contains("sign in")), "{found:?}");
    }
}
