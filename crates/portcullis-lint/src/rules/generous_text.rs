//! `generous_text`: a field takes more than 10,000 characters.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{self, Bound, FieldType, Type};
use portcullis_syntax::{Diagnostic, Severity};

use crate::fields::{Taken, taken};
use crate::rule::{Owasp, Rule};
use crate::rules::unreachable_bound::is_unreachable;

pub(crate) const RULE: Rule = Rule {
    name: "generous_text",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A field of text takes more than 10,000 characters, and the body it comes in is not \
            smaller.",
    why: "What reads it holds it, stores it and searches it, for whoever sends it. A page of text \
          has some 3,000 characters. OWASP API4 asks for a maximum size of data on all incoming \
          parameters and payloads.",
    example: with_field!["note: string max 50_000",],
    mend: "Take what the form really needs. Where whole documents come in, waive it with the \
           reason.",
    mended: with_field!["note: string max 2_000",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

/// Three printed pages.
const MOST: i64 = 10_000;

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let longest = taken.rules().into_iter().filter_map(longest).max()?;
    let field = taken.field;
    let message = format!("`{}` may be {longest} characters long", field.name);
    (longest > MOST && !is_unreachable(taken, longest)).then(|| {
        RULE.finding(field.span, message).help("lower its `max` to what is really written there")
    })
}

/// How many characters a text may have, as far as that is said by number.
pub(super) fn longest(rule: &plan::Rule) -> Option<i64> {
    match (&rule.kind, rule.constraints.max) {
        (FieldType::Plain(Type::String), Some(Bound::Int(max))) => Some(max),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn a_text_has_a_length_that_somebody_writes() {
        let found =
            |field: &str| codes(&super::RULE.example().replace("note: string max 50_000", field));
        for good in
            ["note: string max 10_000", "note: [string max 99] max 5", "note: int max 90_000"]
        {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in [
            "note: string max 10_001",
            "note: [string max 20_000] max 5",
            "at: inner } input inner { a: string max 20_000",
        ] {
            assert_eq!(found(bad), ["generous_text"], "{bad}");
        }
        assert_eq!(found("note: string max 20_000 waive generous_text \"chapters\""), [""; 0]);
    }
}
