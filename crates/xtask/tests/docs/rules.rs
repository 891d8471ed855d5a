//! The index of the pages of rules.

use std::fmt::Write as _;

use portcullis_lint::{Owasp, RULES, Rule};

pub(crate) const GENERATED: &str =
    "<!-- Made of the rule itself: UPDATE_RULES=1 cargo nextest run -p xtask -->\n\n";

/// Every rule, by the item of OWASP's that it is about first of all.
pub(crate) fn index() -> String {
    let mut page = GENERATED.to_owned();
    writeln!(page, "# Lint rules\n").unwrap();
    writeln!(
        page,
        "`portcullis lint` holds a policy to these {} rules; `portcullis rule NAME` prints a page. They judge what \
         compiles:\nvalues, and every route by itself, across declarations. They stand here by the item of the \
         [OWASP API Security\nTop 10](https://owasp.org/API-Security/editions/2023/en/0x11-t10/) that they are \
         about first of all. How levels, waivers and a baseline work says [linting](../linting.md).\n",
        RULES.len()
    )
    .unwrap();
    for item in Owasp::ALL {
        let rules =
            RULES.iter().filter(|rule| rule.owasp.first() == Some(&item)).collect::<Vec<_>>();
        if rules.is_empty() {
            continue;
        }
        writeln!(page, "## [{item}]({})\n", item.url()).unwrap();
        writeln!(page, "| Rule | Level | What it finds |\n|---|---|---|").unwrap();
        for Rule { name, level, finds, .. } in rules {
            writeln!(page, "| [`{name}`]({name}.md) | {} | {finds} |", level.as_str()).unwrap();
        }
        writeln!(page).unwrap();
    }
    page
}
