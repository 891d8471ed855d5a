//! `long_preflight`: browsers keep a grant for longer than they do.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "long_preflight",
    level: Severity::Note,
    owasp: &[Owasp::Misconfiguration],
    finds: "`max_age` of `cors` is above 24 hours.",
    why: "No browser keeps it longer than a day (Firefox 24 hours, Chromium 2), so that it reads \
          like what does not happen; and where one did, a grant that was taken back would go on.",
    example: r#"
transport { hosts ["library.example"] }

cors {
    origins  ["https://app.library.example"]
    max_age  30d
}
"#,
    mend: "Write `max_age 24h` or less.",
    mended: r#"
transport { hosts ["library.example"] }

cors {
    origins  ["https://app.library.example"]
    max_age  2h
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().filter_map(of_plan).collect()
}

const DAY: u64 = 24 * 60 * 60;

fn of_plan(plan: &Plan) -> Option<Diagnostic> {
    let cors = plan.cors.as_ref()?;
    let long = cors.max_age.is_some_and(|age| age > DAY);
    long.then(|| {
        RULE.finding(
            cors.places.origins,
            "browsers keep what is granted to these for a day at most",
        )
        .help("write `max_age 24h` or less")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_grant_is_kept_for_a_day() {
        let found = |age: &str| codes(&RULE.example().replace("30d", age));
        assert_eq!(found("24h"), [""; 0]);
        assert_eq!(found("25h"), ["long_preflight"]);
        assert_eq!(found("25h waive long_preflight \"our own browser\""), [""; 0]);
    }
}
