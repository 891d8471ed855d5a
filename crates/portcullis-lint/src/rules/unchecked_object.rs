//! `unchecked_object`: a route loads an object, and no `allow`, `deny` or `require` speaks of it.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, Route};
use portcullis_syntax::{Diagnostic, Severity};

use crate::ownership::relates;
use crate::relation::speaks_of_object;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unchecked_object",
    level: Severity::Warning,
    owasp: &[Owasp::ObjectAuthorization],
    finds: "A route loads an object, and no `allow`, `deny` or `require` speaks of it.",
    why: "Whoever may call the route may name any object: by changing an id a caller reads or \
          changes what is another's. A `public` route is open on purpose and is not reported.",
    example: r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller {
        id:    string  from "sub"
        role:  role    from "role"
    }
}

role reader { read:loans }

resource loan {
    key      id: uuid
    reader:  string

    view full { id }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    returns  loan.full
}
"#,
    mend: "Add a clause that relates the caller to the object; or a waiver with the reason why \
           every caller may have every object.",
    mended: r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller {
        id:    string  from "sub"
        role:  role    from "role"
    }
}

role reader { read:loans }

resource loan {
    key      id: uuid
    reader:  string

    predicate own { loan.reader == caller.id }

    view full { id }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    returns  loan.full
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let unchecked = |route: &&Route| {
        // What everybody may call is open on purpose; what is about to be stored may still be
        // related to what is loaded.
        matches!(route.access, Access::Credential(_))
            && route.retired.is_none()
            && !speaks_of_object(route)
            && !relates(plan, route)
    };
    plan.routes
        .iter()
        .filter(unchecked)
        .filter_map(|route| {
            let loads = route.loads.first()?;
            let resource = plan.resources.get(loads.resource)?;
            Some(
                RULE.finding(
                    loads.span,
                    format!("any `{}` may be named here by any caller", resource.name),
                )
                .help("say whose: `allow when …`, with a predicate that relates the caller to it"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn what_is_loaded_by_the_caller_is_the_callers() {
        let by = |key: &str| {
            let policy = format!(
                "role user {{ read:a }} resource r {{ key id: string view v {{ id }} }}
                route GET /a/{{id}} {{ accept [access] params {{ id: string max 9 }} needs read:a
                    loads r by {key} returns r.v }}"
            );
            crate::rules::count("unchecked_object", &policy)
        };
        assert_eq!(by("params.id"), 1);
        assert_eq!(by("caller.id"), 0);
    }

    #[test]
    fn a_loaded_object_is_spoken_of() {
        let policy = |allow: &str| {
            format!(
                r#"transport {{ hosts ["a.example"] }}
                credential access jwt {{ issuer "i" audience "a" algorithms [EdDSA] lifetime 5m
                    caller {{ id: string from "sub" role: role from "role" }} }}
                role user {{ read:a }}
                resource r {{ key id: uuid user: string predicate owner {{ r.user == caller.id }} view v {{ id }} }}
                route GET /a/{{id}} {{ accept [access] params {{ id: uuid }} needs read:a
                    loads r by params.id {allow} returns r.v }}"#
            )
        };
        let codes = |text: &str| {
            let mut found = codes(text);
            found.retain(|found| found != "unused_predicate");
            found
        };
        assert_eq!(codes(&policy("")), ["unchecked_object"]);
        assert_eq!(codes(&policy("allow when owner")), [""; 0]);
        assert_eq!(codes(&policy("allow when caller is user")), ["unchecked_object"]);
        assert_eq!(codes(&policy("deny when not owner")), [""; 0]);
        let waived = policy("waive unchecked_object \"all may\"");
        assert_eq!(codes(&waived), [""; 0]);
        let idle = policy("allow when owner waive unchecked_object \"all may\"");
        assert_eq!(codes(&idle), ["unused_waiver"]);
        let unknown = policy("allow when owner waive unchecked_objects \"all may\"");
        assert_eq!(codes(&unknown), ["unused_waiver"]);
    }
}
