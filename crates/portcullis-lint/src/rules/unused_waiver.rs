//! `unused_waiver`: a waiver silences nothing, or names no rule.

use portcullis_syntax::Severity;

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unused_waiver",
    level: Severity::Warning,
    owasp: &[Owasp::InventoryManagement],
    finds: "A waiver silences nothing, or names no rule.",
    why: "Left where it is, it silences something later that nobody has looked at.",
    example: r#"
transport {
    hosts  ["library.example"]
    waive  any_host "the library answers behind several names"
}
"#,
    mend: "Take it out. `lint --fix` does.",
    mended: r#"
transport { hosts ["library.example"] }
"#,
    check: None,
};
