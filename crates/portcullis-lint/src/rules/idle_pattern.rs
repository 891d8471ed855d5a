//! `idle_pattern`: a regular expression matches anything.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Pattern;
use portcullis_syntax::{Diagnostic, Severity};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::fields::{Taken, taken};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "idle_pattern",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "The regular expression behind `matching` is found in every text: `.*`, `^.+$`, \
            `[\\s\\S]*`, `\\w*` without ends.",
    why: "It reads as if the text were checked, and nothing is: what reaches queries, shells and \
          pages is whatever the client sends.",
    example: with_field!["title: string max 80 matching /^.*$/",],
    mend: "Say which characters the text may have, from `^` to `$`; or take it away, where the \
           length is all.",
    mended: with_field!["title: string max 80 matching /^[\\p{L}\\p{N} .,-]+$/",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let patterns = taken.rules().into_iter().filter_map(|rule| rule.constraints.matching.as_ref());
    let idle = patterns.map(Pattern::as_str).find(|pattern| is_idle(pattern))?;
    let message = format!("`/{idle}/` is found in any text");
    Some(
        RULE.finding(taken.field.span, message)
            .help("say which characters it may have, like `/^[a-z0-9-]+$/`, or take it away"),
    )
}

/// Whether an expression is found in every text, the empty one and breaks of lines apart.
pub(super) fn is_idle(pattern: &str) -> bool {
    let Ok(hir) = regex_syntax::parse(pattern) else {
        return false;
    };
    let properties = hir.properties();
    // What matches nothing at all, wherever it is looked for, is found everywhere.
    let empty = properties.look_set().is_empty() && properties.minimum_len() == Some(0);
    empty || is_anything(&hir)
}

fn is_anything(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => is_anything(&capture.sub),
        HirKind::Repetition(repeated) => {
            repeated.min <= 1 && repeated.max.is_none() && is_any_character(&repeated.sub)
        }
        HirKind::Concat(parts) => {
            let ends = |part: &&Hir| !matches!(part.kind(), HirKind::Look(Look::Start | Look::End));
            let mut inner = parts.iter().filter(ends);
            inner.next().is_some_and(is_anything) && inner.next().is_none()
        }
        _ => false,
    }
}

/// Every character, or every one but breaks of lines.
fn is_any_character(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => is_any_character(&capture.sub),
        HirKind::Class(Class::Unicode(class)) => {
            let mut others = class.clone();
            others.negate();
            others
                .iter()
                .all(|range| ['\n', '\r'].contains(&range.start()) && range.start() == range.end())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_idle};
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn an_expression_says_something() {
        for idle in [
            ".*",
            "^.*$",
            "^.+$",
            ".+",
            "[\\s\\S]*",
            "^[\\s\\S]+$",
            "\\w*",
            "(.*)",
            "^(.+)$",
            "a?",
            "(?s)^.*$",
            "",
            "^[^\\r\\n]*$",
        ] {
            assert!(is_idle(idle), "{idle}");
        }
        for sound in [
            "^[a-z]*$",
            "^.{2,80}$",
            "\\w",
            "^\\w*$",
            "^$",
            "a.*",
            "^.+@.+$",
            "^[^<>]*$",
            "\\b",
            "^(a|.*b)$",
        ] {
            assert!(!is_idle(sound), "{sound}");
        }
    }

    #[test]
    fn lists_are_looked_into_and_waivers_heard() {
        let found =
            |field: &str| codes(&RULE.example().replace("string max 80 matching /^.*$/", field));
        assert_eq!(found("[string max 80 matching /.*/] max 3"), ["idle_pattern"]);
        assert_eq!(found("string max 80 matching /^.+$/ waive idle_pattern \"one line\""), [""; 0]);
    }
}
