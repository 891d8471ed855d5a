//! `plain_http`: outside of development plain HTTP is served.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};
use crate::rules::insecure_origin::is_loopback;

pub(crate) const RULE: Rule = Rule {
    name: "plain_http",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration, Owasp::Authentication],
    finds: "`https off` holds in a profile that is not called like one for development or tests, and \
            whose hosts are not the own machine alone.",
    why: "Tokens, passwords and answers can be read and changed by whoever is between (the guide: \
          \"HTTPS is non-negotiable for any production API\"). TLS that ends at a proxy is no \
          reason: `proxies` tells the engine of it.",
    example: r#"
transport {
    https  off
    hosts  ["library.example"]
}
"#,
    mend: "Write `https off in development`. Behind a proxy that ends TLS, name it in `proxies`.",
    mended: r#"
transport {
    https  off in development
    hosts  ["library.example"]
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().filter_map(of_plan).collect()
}

/// What profiles are called in which nobody's data is.
const TRIED: &[&str] =
    &["dev", "devel", "development", "local", "test", "tests", "testing", "ci", "demo"];

fn of_plan(plan: &Plan) -> Option<Diagnostic> {
    let transport = &plan.transport;
    let tried = plan.profile.split('_').any(|word| TRIED.contains(&word));
    let own =
        transport.hosts.as_ref().is_some_and(|hosts| hosts.iter().all(|host| is_loopback(host)));
    let place = transport.places.https?;
    let message = format!("in profile `{}` everything goes over plain HTTP", plan.profile);
    (!transport.https && !tried && !own).then(|| {
        RULE.finding(place, message)
            .help("write `https off in development`; where a proxy ends TLS, name it in `proxies`")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn plain_http_is_for_development() {
        let found = |https: &str| codes(&RULE.example().replace("https  off", https));
        assert_eq!(found("https off in staging"), ["plain_http"]);
        for good in [
            "https off in dev",
            "https off in local_test",
            "https required",
            "https off waive plain_http \"it\"",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        let own = RULE.example().replace("library.example", "localhost");
        assert_eq!(codes(&own), [""; 0]);
    }
}
