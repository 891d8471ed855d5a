//! `open_old_version`: an old version of a route is open beside the new one.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};
use crate::rules::weaker_old_version::lacks;
use crate::versions::old_and_new;

pub(crate) const RULE: Rule = Rule {
    name: "open_old_version",
    level: Severity::Note,
    owasp: &[Owasp::InventoryManagement],
    finds: "A route of an old version (`/v1/…`) is open beside the same of a later one, and asks for as much.",
    why: "Two versions have to be kept safe, and the old one is looked at less each month.",
    example: r#"
transport { hosts ["library.example"] }

route GET /v1/books {
    public
    returns nothing
}

route GET /v2/books {
    public
    returns nothing
}
"#,
    mend: "Write `retired`, once nobody needs it: it answers 410. Until then, waive it with the day on which that will be.",
    mended: r#"
transport { hosts ["library.example"] }

route GET /v1/books { retired }

route GET /v2/books {
    public
    returns nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let open = old_and_new(plan).into_iter().filter(|(old, new)| lacks(plan, old, new).is_none());
    open.map(|(old, new)| {
        let message = format!("`{} {}` is open beside a later version", old.method, old.pattern);
        RULE.finding(old.span, message)
            .and(new.span, "the later one")
            .help("write `retired`, once nobody needs it")
    })
    .collect()
}
