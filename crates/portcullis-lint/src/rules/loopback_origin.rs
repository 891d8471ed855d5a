//! `loopback_origin`: outside of development, pages of the reader's own machine may read answers.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Origins, Plan};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};
use crate::rules::Origin;
use crate::rules::insecure_origin::is_loopback;

pub(crate) const RULE: Rule = Rule {
    name: "loopback_origin",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "`cors` lists `localhost` or a loopback address in a profile that requires HTTPS, and the \
            policy has one with `https off` for development.",
    why: "On the reader's machine any program may serve such a page, and tools that they have \
          installed do. It was meant for who develops (RFC 8252, 8.3, of loopback redirects).",
    example: r#"
transport {
    https  required in production
    https  off in development
    hosts  ["library.example"]
}

cors {
    origins ["https://app.library.example", "http://localhost:3000"]
}
"#,
    mend: "Say the origins apart: `origins [..] in production` and `origins [..] in development`, \
           or a `setting`.",
    mended: r#"
transport {
    https  required in production
    https  off in development
    hosts  ["library.example"]
}

cors {
    origins  ["https://app.library.example"] in production
    origins  ["http://localhost:3000"] in development
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    // Where no profile is for development, the one that there is may be.
    if compilation.plans.iter().all(|plan| plan.transport.https) {
        return Vec::new();
    }
    let strict = compilation.plans.iter().filter(|plan| plan.transport.https);
    strict.filter_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Option<Diagnostic> {
    let cors = plan.cors.as_ref()?;
    let Origins::Listed(origins) = &cors.origins else {
        return None;
    };
    let local = origins.iter().find(|origin| {
        let host = Origin(origin).host("http://").or_else(|| Origin(origin).host("https://"));
        host.is_some_and(is_loopback)
    })?;
    let message = format!("`{local}` may read answers in profile `{}`", plan.profile);
    Some(
        RULE.finding(cors.places.origins, message)
            .help("list it for development alone: `origins [..] in development`"),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn the_readers_machine_is_for_development() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        for bad in ["http://127.0.0.1:8080", "https://localhost", "http://[::1]"] {
            assert_eq!(found("http://localhost:3000", bad), ["loopback_origin"], "{bad}");
        }
        assert_eq!(found("https  off in development", ""), [""; 0]);
        assert_eq!(found("cors {", "cors { waive loopback_origin \"a desktop app\""), [""; 0]);
    }

    #[test]
    fn a_setting_tells_profiles_apart() {
        let setting = "setting pages: [string] {
            production [\"https://a.example\"] development [\"http://localhost\"] }";
        let policy = RULE
            .example()
            .replace("[\"https://app.library.example\", \"http://localhost:3000\"]", "pages");
        assert_eq!(codes(&format!("{setting}{policy}")), [""; 0]);
    }
}
