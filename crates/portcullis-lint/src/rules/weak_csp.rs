//! `weak_csp`: a content security policy lets in what it is there to keep out: what is written into the page, text that is run, or a source like `*` or `https:` that anybody can serve from.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{Csp, Directive, HeadersClause, Item, Value, ValueKind};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::texts::texts;

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "weak_csp",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "A content security policy lets in what it is there to keep out: what is written into the \
            page, text that is run, or a source like `*` or `https:` that anybody can serve from. \
            Also where neither scripts nor plug-ins are limited.",
    why: "A page's policy is the last line against script that somebody else wrote into it. \
          `unsafe_inline` lets in what was injected, `unsafe_eval` what was put together, and an \
          open source whatever an attacker serves from anywhere (W3C Content Security Policy Level \
          3, 8).",
    example: r#"
transport { hosts ["library.example"] }

headers {
    csp { default_src [self]  script_src [self, unsafe_inline] }
}
"#,
    mend: "Give what stands inline a nonce or a hash, and name the hosts.",
    mended: r#"
transport { hosts ["library.example"] }

headers {
    csp { default_src [self]  script_src [self] }
}
"#,
    check: Some(check),
};

/// The directives by which something comes to run, or the page to lie in another one.
const OF_CODE: &[&str] = &[
    "default_src",
    "script_src",
    "script_src_elem",
    "script_src_attr",
    "object_src",
    "base_uri",
    "worker_src",
    "frame_ancestors",
];
/// Sources that anybody can serve from.
const ANYBODY: &[&str] = &["*", "http:", "https:", "http://*", "https://*"];
/// Sources that are made in the page itself.
const MADE: &[&str] = &["data:", "blob:", "filesystem:"];

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let clauses = items.flat_map(|item| match item {
        Item::Headers(headers) => headers.clauses.as_slice(),
        _ => &[],
    });
    let mut found = Vec::new();
    for limited in clauses {
        let HeadersClause::Csp(csp) = &limited.clause else {
            continue;
        };
        for directive in &csp.directives {
            of_directive(compilation, directive, &mut found);
        }
        found.extend(unlimited(csp, limited.span));
    }
    found
}

/// Where neither scripts nor plug-ins are limited, the policy keeps nothing out.
fn unlimited(csp: &Csp, place: Span) -> Option<Diagnostic> {
    let has = |name: &str| csp.directives.iter().any(|found| found.name.node == name);
    if has("default_src") || (has("script_src") && has("object_src")) || has("sandbox") {
        return None;
    }
    let message = "this policy does not say where scripts and plug-ins come from";
    let fault = RULE.finding(place, message);
    Some(fault.help("add `default_src [self]`, which holds for every kind that is not named"))
}

fn of_directive(compilation: &Compilation, directive: &Directive, found: &mut Vec<Diagnostic>) {
    let name = directive.name.node.as_str();
    let Some(sources) = &directive.sources else {
        return;
    };
    let mut warn = |place: Span, message: String, help: &str| {
        found.push(RULE.finding(place, message).help(help));
    };
    let texts = texts(compilation, sources);
    // Browsers that know nonces and hashes ignore `unsafe_inline` beside one (Level 3, 6.7.3.2).
    let guarded = texts.iter().any(|(text, _)| text.starts_with('\''));
    for word in words(sources) {
        match word.0 {
            "unsafe_inline" if !guarded => warn(
                word.1,
                format!("`{name}` lets in whatever is written into the page"),
                "give what stands inline a nonce or a hash: `\"'sha256-…'\"`",
            ),
            "unsafe_eval" | "unsafe_hashes" => warn(
                word.1,
                format!("`{name}` runs text that was put together in the page"),
                "take it away, and `eval` and inline handlers out of the page",
            ),
            _ => {}
        }
    }
    for (text, place) in texts {
        let lower = text.to_ascii_lowercase();
        let of_code = OF_CODE.contains(&name);
        if of_code && (ANYBODY.contains(&lower.as_str()) || MADE.contains(&lower.as_str())) {
            warn(place, format!("`{name}` lets in `{text}`, which anybody can write"), NAMED);
        } else if lower == "*" || lower.starts_with("http:") {
            warn(
                place,
                format!("`{name}` lets in `{text}`, which is served over plain HTTP"),
                NAMED,
            );
        }
    }
}

const NAMED: &str = "name the hosts: `\"https://cdn.example\"`";

fn words(sources: &Value) -> Vec<(&str, Span)> {
    match &sources.node {
        ValueKind::List(elements) => elements.iter().flat_map(words).collect(),
        ValueKind::Name(word) => vec![(word.as_str(), sources.span)],
        ValueKind::Literal(_) | ValueKind::Permission(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_page_runs_what_its_authors_wrote() {
        let csp = |directives: &str| {
            format!("transport {{ hosts [\"a.example\"] }} headers {{ csp {{ {directives} }} }}")
        };
        for good in [
            "default_src [self]",
            "default_src [none] img_src [self, \"data:\", \"https:\"]",
            "script_src [\"https://cdn.example\"] object_src [none]",
            "default_src [self] script_src [unsafe_inline, \"'nonce-a'\"]",
            "sandbox",
        ] {
            assert_eq!(codes(&csp(good)), [""; 0], "{good}");
        }
        for bad in [
            "default_src [self] style_src [unsafe_inline]",
            "default_src [self, unsafe_eval]",
            "default_src [\"*\"]",
            "default_src [self] script_src [\"https:\"]",
            "default_src [self] object_src [\"data:\"]",
            "default_src [self] img_src [\"*\"]",
            "default_src [self] connect_src [\"http://api.example\"]",
            "default_src [self] frame_ancestors [\"https:\"]",
            "img_src [self]",
        ] {
            assert_eq!(codes(&csp(bad)), ["weak_csp"], "{bad}");
        }
        let waived =
            csp("default_src [self] style_src [unsafe_inline] waive weak_csp \"old pages\"");
        assert_eq!(codes(&waived), [""; 0]);
    }
}
