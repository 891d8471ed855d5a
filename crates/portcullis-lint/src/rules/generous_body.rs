//! `generous_body`: a body may have more than 1 MiB of JSON, or 64 MiB of bytes.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{BodyKind, Plan};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "generous_body",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "`body_limit` is above 1 MiB where a route takes JSON or a form, or a `body raw` above 64 \
            MiB.",
    why: "A body is in memory as a whole, and JSON several times as large once it is read. Some \
          hundred clients that send slowly fill the machine (OWASP API4). `body_limit` holds for \
          every route.",
    example: r#"
transport { hosts ["library.example"]  body_limit 20MiB }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    revocable
    caller      { id: string from "sub" }
}

budget per_address { limit 60 per 1m  key request.ip }

route POST /wishes {
    accept   [access]
    signed_in
    body     { title: string 1..80 }
    budget   [per_address]
    returns  nothing
}
"#,
    mend: "Leave `body_limit` small; a route that takes files says so for itself: `body raw max \
           20MiB types [..]`.",
    mended: with_access!(
        r#"
budget per_address { limit 60 per 1m  key request.ip }

route POST /wishes {
    accept   [access]
    signed_in
    body     { title: string 1..80 }
    budget   [per_address]
    returns  nothing
}
"#
    ),
    check: Some(check),
};

const MIB: u64 = 1024 * 1024;
const OF_JSON: u64 = MIB;
const OF_BYTES: u64 = 64 * MIB;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let live = plan.routes.iter().filter(|route| route.retired.is_none());
    let bodies = || live.clone().filter_map(|route| route.body.as_ref());
    let limit = plan.transport.body_limit;
    let looked_into = bodies().find(|body| !matches!(body.kind, BodyKind::Raw { .. }));
    if let (Some(place), Some(body)) = (plan.transport.places.body_limit, looked_into)
        && limit > OF_JSON
    {
        found.push(
            RULE.finding(place, format!("every body may have {} MiB, JSON too", limit / MIB))
                .and(body.span, "this, for one")
                .help("write `body_limit 1MiB` or less, and `body raw max N` where files come in"),
        );
    }
    found.extend(bodies().filter_map(|body| {
        match body.kind {
            BodyKind::Raw { max, .. } if max > OF_BYTES => Some(
                RULE.finding(body.span, format!("each body may hold {} MiB of memory", max / MIB))
                    .help(
                        "take large files in parts, or let clients send them to a store of files",
                    ),
            ),
            _ => None,
        }
    }));
    found
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
    fn a_body_fits_into_memory() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("20MiB", "1MiB"), [""; 0]);
        assert_eq!(found("20MiB", "1025KiB"), ["generous_body"]);
        let raw = "raw max 64MiB types [\"image/png\"]";
        assert_eq!(found("{ title: string 1..80 }", raw), [""; 0], "no JSON comes in");
        assert_eq!(found("{ title: string 1..80 }", &raw.replace("64", "65")), ["generous_body"]);
        assert_eq!(found("20MiB", "20MiB waive generous_body \"an import\""), [""; 0]);
    }
}
