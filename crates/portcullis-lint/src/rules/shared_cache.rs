//! `shared_cache`: what one caller is answered may be kept for the next one.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{HeadersClause, Item};
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::items;
use crate::rule::{Owasp, Rule};
use crate::texts::texts;

pub(crate) const RULE: Rule = Rule {
    name: "shared_cache",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "`cache_control` has `public`, `s-maxage` or `must-revalidate` and neither `private` nor \
            `no-store`, and the policy has routes that take a credential.",
    why: "The line is sent with every success in the place of `no-store`. A cache between hands \
          one caller's answer to another, and a list of orders is the next one's (RFC 9111, 3.5: \
          `public` and `s-maxage` let it, also with `Authorization`).",
    example: r#"
transport { hosts ["library.example"] }

headers { cache_control "public, max-age=60" }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "sub" }
}

route GET /hours {
    accept   [access]
    signed_in
    returns  nothing
}
"#,
    mend: "Write `private` in it, or leave `cache_control` out: known callers get `no-store` then, \
           and the rest is the application's to say.",
    mended: r#"
transport { hosts ["library.example"] }

headers { cache_control "private, max-age=60" }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    caller      { id: string from "sub" }
}

route GET /hours {
    accept   [access]
    signed_in
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let clauses = items(compilation).flat_map(|item| match item {
        Item::Headers(headers) => headers.clauses.as_slice(),
        _ => &[],
    });
    let values = clauses.filter_map(|limited| match &limited.clause {
        HeadersClause::Set { header, value } if header.node == "cache_control" => Some(value),
        _ => None,
    });
    // Routes have the same credentials in every profile.
    let routes = compilation.plans.first().map_or(&[] as &[_], |plan| plan.routes.as_slice());
    if !routes.iter().any(|route| route.retired.is_none() && !route.access.accepted().is_empty()) {
        return Vec::new();
    }
    let shared =
        values.flat_map(|value| texts(compilation, value)).filter(|(text, _)| is_shared(text));
    let found = shared.map(|(text, place)| {
        RULE.finding(
            place,
            format!("with `{text}` a cache may hand one caller's answer to another"),
        )
        .help("write `private` in it, or leave `cache_control` out")
    });
    found.collect()
}

/// Whether a cache that many share may keep an answer to a request with `Authorization` (RFC 9111, 3.5).
fn is_shared(text: &str) -> bool {
    let words = text.split(',').map(|part| part.split('=').next().unwrap_or("").trim());
    let words = words.map(str::to_ascii_lowercase).collect::<Vec<_>>();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    has(&["public", "s-maxage", "must-revalidate"]) && !has(&["private", "no-store"])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::{codes, codes_but};

    #[test]
    fn a_callers_answer_is_kept_by_nobody_else() {
        let found = |value: &str| codes(&RULE.example().replace("public, max-age=60", value));
        for good in ["no-store", "Private, s-maxage=5", "max-age=5", "no-cache"] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["Public", "max-age=60, must-revalidate", "s-maxage=5"] {
            assert_eq!(found(bad), ["shared_cache"], "{bad}");
        }
        let open = RULE.example().replace("accept   [access]\n    signed_in", "public");
        assert_eq!(codes_but("unused_declaration", &open), [""; 0]);
        let waived = "public\" waive shared_cache \"no cache is between";
        assert_eq!(found(waived), [""; 0]);
    }
}
