//! `generous_list`: a field takes more than 1,000 values.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Bound, FieldType};
use portcullis_syntax::{Diagnostic, Severity};

use crate::fields::{Taken, taken};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "generous_list",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A field takes a list of more than 1,000 values.",
    why: "One request does then the work of a thousand, and a budget counts it as one. OWASP API4 \
          asks to limit how many operations a client may have done by one request: codes have been \
          guessed by thousands in one.",
    example: with_field!["books: [uuid] max 50_000",],
    mend: "Take what one form sends; let clients send the rest by further requests.",
    mended: with_field!["books: [uuid] max 50",],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

const MOST: i64 = 1_000;

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let counts =
        taken.rules().into_iter().filter_map(|rule| match (&rule.kind, rule.constraints.max) {
            (FieldType::List(_), Some(Bound::Int(max))) => Some(max),
            _ => None,
        });
    // A list of lists holds the product.
    let all = counts.reduce(i64::saturating_mul)?;
    let message = format!("one request may bring {all} values in `{}`", taken.field.name);
    (all > MOST).then(|| {
        RULE.finding(taken.field.span, message).help("lower its `max` to what one form sends")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes_but;

    /// Who may call is no question here.
    fn codes(policy: &str) -> Vec<String> {
        codes_but("anonymous_write", policy)
    }

    #[test]
    fn one_request_is_the_work_of_one() {
        let found = |field: &str| codes(&RULE.example().replace("[uuid] max 50_000", field));
        assert_eq!(found("[uuid] max 1_000"), [""; 0]);
        assert_eq!(found("[uuid] max 1_001"), ["generous_list"]);
        assert_eq!(found("[[int] max 50] max 50"), ["generous_list"]);
        assert_eq!(found("[[int] max 5] max 50"), [""; 0]);
        assert_eq!(found("[uuid] max 5_000 waive generous_list \"an import at night\""), [""; 0]);
    }
}
