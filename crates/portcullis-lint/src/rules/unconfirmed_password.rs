//! `unconfirmed_password`: a password is changed without the old one.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, GuardReason, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::plain;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unconfirmed_password",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A signed-in caller sets a password on a route that takes no current one and asks for no \
            fresh sign-in (`require … as step_up`).",
    why: "Whoever finds an open session, or steals a token for some minutes, keeps the account for \
          good (OWASP API2: changing a password \"without asking for password confirmation\").",
    example: r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "sub" }
}

budget per_caller { limit 60 per 1m  key caller.id else request.ip }

route PUT /password {
    accept   [access]
    signed_in
    body     { new_password: string 8..128 }
    budget   [per_caller]
    returns  nothing
}
"#,
    mend: "Take the current password as well; or add `require when exists caller.auth_time and \
           caller.auth_time within 5m as step_up`.",
    mended: r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "sub" }
}

budget per_caller { limit 60 per 1m  key caller.id else request.ip }

route PUT /password {
    accept   [access]
    signed_in
    body     { current_password: string 1..128  new_password: string 8..128 }
    budget   [per_caller]
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let routes = compilation.plans.iter().flat_map(|plan| &plan.routes);
    let signed_in = routes.filter(|route| {
        let known = matches!(route.access, Access::Credential(_));
        known && route.retired.is_none() && route.creates.is_none() && route.session.is_none()
    });
    signed_in.filter_map(of_route).collect()
}

fn of_route(route: &Route) -> Option<Diagnostic> {
    let fields = &route.body.as_ref()?.shape()?.fields;
    let named = |names: &'static [&str]| {
        fields.iter().find(move |field| names.contains(&plain(&field.name).as_str()))
    };
    let chosen = named(&["password", "newpassword", "passwd"])?;
    let current = named(&["currentpassword", "oldpassword", "passwordcurrent", "existingpassword"]);
    let fresh = route.stages().flat_map(|(_, checks)| checks.requires.iter().chain(&checks.denies));
    let fresh = fresh.map(|guard| guard.reason).any(|reason| reason == GuardReason::StepUp);
    let message = format!("whoever holds an open session sets `{}`", chosen.name);
    (current.is_none() && !fresh).then(|| {
        RULE.finding(chosen.span, message)
            .help("take a `current_password` too, or `require` a fresh sign-in `as step_up`")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_password_is_changed_by_who_knows_it() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        let fresh = "signed_in require when exists caller.auth_time and caller.auth_time within 5m as step_up";
        let timed = RULE
            .example()
            .replace("from \"sub\"", "from \"sub\" auth_time: time? from \"auth_time\"");
        assert_eq!(codes(&timed.replace("signed_in", fresh)), [""; 0]);
        assert_eq!(found("new_password", "passwd"), ["unconfirmed_password"]);
        assert_eq!(found("new_password", "title"), [""; 0]);
        let waived = "signed_in waive unconfirmed_password \"the handler asks for a code\"";
        assert_eq!(found("signed_in", waived), [""; 0]);
    }
}
