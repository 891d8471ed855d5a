//! What a rule says of itself, as one page of Markdown.

use std::fmt::{self, Write as _};

use crate::Rule;

/// The page of a rule: `docs/rules/NAME.md`, and what `portcullis rule NAME` prints.
///
/// # Errors
///
/// If it cannot be written where it is to be.
pub fn page(rule: &Rule, to: &mut impl fmt::Write) -> fmt::Result {
    let Rule { name, level, finds, why, mend, .. } = rule;
    writeln!(to, "# `{name}`\n")?;
    let owasp = rule.owasp.iter().map(|item| format!("[{item}]({})", item.url()));
    let owasp = owasp.collect::<Vec<_>>().join(", ");
    writeln!(to, "**{}**, {owasp}\n", level.as_str())?;
    for (title, text) in [("What it finds", finds), ("Why it is bad", why)] {
        section(to, title, text)?;
    }
    writeln!(to, "```gate lint {name}\n{}```\n", rule.example())?;
    section(to, "How to mend it", mend)?;
    writeln!(to, "```gate mended\n{}```\n", rule.mended())?;
    section(
        to,
        "Where it is meant so",
        &format!(
            "`waive {name} \"reason\"` in the declaration silences it there; the reason is what the next reader \
             learns, and what `portcullis audit` lists."
        ),
    )
}

fn section(to: &mut impl fmt::Write, title: &str, text: &str) -> fmt::Result {
    writeln!(to, "## {title}\n\n{}", wrapped(text))
}

/// Lines of up to 110 columns; what is already broken into lines stays so.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    for paragraph in text.lines() {
        let mut column = 0;
        for word in paragraph.split(' ') {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > 110 {
                lines.push('\n');
                column = 0;
            } else if column > 0 {
                lines.push(' ');
                column += 1;
            }
            // A `String` takes whatever is written to it.
            _ = lines.write_str(word);
            column += width;
        }
        lines.push('\n');
    }
    lines
}
