//! `loose_pattern`: a regular expression says nothing of what stands around it.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Pattern;
use portcullis_syntax::{Diagnostic, Severity};
use regex_syntax::hir::Look;

use crate::fields::{Taken, taken};
use crate::rule::{Owasp, Rule};
use crate::rules::idle_pattern::is_idle;

pub(crate) const RULE: Rule = Rule {
    name: "loose_pattern",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "The regular expression behind `matching` is tied to neither end of the text, or not in \
            each of its alternatives, and is more than one character.",
    why: "`[a-z]+` is found in `<script>` too: anything may stand before and behind. In `^a|b$` \
          each end holds for one alternative alone. Most checks that were got round were meant to \
          have `^` and `$`.",
    example: with_field!["title: string max 80 matching /[a-z]+/",],
    mend: "Write `^` and `$`, with brackets around alternatives: `/^(a|b)$/`. What only has to be \
           somewhere in it is said by `containing`.",
    mended: with_field!["title: string max 80 matching /^[a-z]+$/",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let patterns = taken.rules().into_iter().filter_map(|rule| rule.constraints.matching.as_ref());
    let loose =
        patterns.map(Pattern::as_str).find(|pattern| !is_idle(pattern) && is_loose(pattern))?;
    let message = format!("anything may stand before and behind what `/{loose}/` finds");
    Some(
        RULE.finding(taken.field.span, message).help(
            "tie it to both ends: `/^(…)$/`; what has to be anywhere in it says `containing`",
        ),
    )
}

fn is_loose(pattern: &str) -> bool {
    let Ok(hir) = regex_syntax::parse(pattern) else {
        return false;
    };
    let properties = hir.properties();
    let tied = properties.look_set_prefix().contains(Look::Start)
        || properties.look_set_suffix().contains(Look::End);
    // One character that has to be somewhere is meant so.
    let one = properties.maximum_len() == Some(1) && properties.look_set().is_empty();
    !tied && !one
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_loose};
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn an_expression_is_tied_to_an_end() {
        for loose in ["[a-z]+", "^a|b$", "(?m)^[a-z]+$", "\\bword\\b", "ab"] {
            assert!(is_loose(loose), "{loose}");
        }
        for tied in ["^[a-z]+$", "^https:", "@library\\.example$", "[0-9]", "^(a|b)$", "^a|^b", "x"]
        {
            assert!(!is_loose(tied), "{tied}");
        }
    }

    #[test]
    fn what_is_idle_is_said_once() {
        let found = |pattern: &str| codes(&RULE.example().replace("/[a-z]+/", pattern));
        assert_eq!(found("/.+/"), ["idle_pattern"]);
        assert_eq!(found("/ab/"), ["loose_pattern"]);
        assert_eq!(found("/ab/ waive loose_pattern \"a word in it\""), [""; 0]);
    }
}
