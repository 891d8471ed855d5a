//! What is wrong with a policy, said so that its author can mend it.

mod code;
mod render;

pub use code::Code;
pub use render::{Style, excerpt, render};

use crate::Span;

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The policy does not compile.
    Error,
    /// It compiles, and is probably not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place that a diagnostic speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub text: String,
}

/// A text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// One sentence, lower-case, no full stop, the author's words in backticks.
    pub message: String,
    /// The place itself, then those that it conflicts with. Never empty.
    pub labels: Vec<Label>,
    /// The edit that mends it.
    pub help: Option<String>,
    /// How to mend it without a decision: together they leave the policy's meaning as it is. Mostly none.
    pub edits: Box<[Edit]>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, span, message)
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, span, message)
    }

    /// A note at a place.
    pub fn note(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Note, code, span, message)
    }

    fn new(severity: Severity, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            message: message.into(),
            labels: vec![Label { span, text: String::new() }],
            help: None,
            edits: Box::default(),
        }
    }

    /// Says what is to be seen at the place itself.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn and(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds an edit that is part of mending it and needs no decision.
    #[must_use]
    pub fn edit(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        let mut edits = self.edits.into_vec();
        edits.push(Edit { span, text: text.into() });
        self.edits = edits.into_boxed_slice();
        self
    }

    /// Offers the nearest of the known names, where one is near.
    #[must_use]
    pub fn did_you_mean<'a>(
        self,
        found: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Diagnostic {
        match nearest(found, known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// The place itself.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// The known name nearest to the one found: at most a third of it is different.
#[must_use]
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let budget = (found.chars().count() / 3).max(1);
    let letters = Letters::of(found);
    known
        .into_iter()
        .filter(|name| *name != found && Letters::of(name).apart(&letters) <= budget)
        .map(|name| (strsim::damerau_levenshtein(found, name), name))
        .filter(|(distance, _)| *distance <= budget)
        .min()
        .map(|(_, name)| name)
}

/// How often each letter is in a name. A policy may have thousands of names, each of which may be held against each
/// other: that two are far apart is seen here at once.
struct Letters([u32; 32]);

impl Letters {
    fn of(name: &str) -> Letters {
        let mut counts = [0; 32];
        for found in name.chars() {
            if let Some(count) = counts.get_mut(found as usize % 32) {
                *count += 1;
            }
        }
        Letters(counts)
    }

    /// No more than what is to be changed: a letter that is put in, left out or exchanged is one too many or too
    /// few on either side at most, and two that are swapped are none.
    fn apart(&self, other: &Letters) -> usize {
        let (mut more, mut less) = (0_u32, 0_u32);
        for (one, other) in self.0.iter().zip(&other.0) {
            more += one.saturating_sub(*other);
            less += other.saturating_sub(*one);
        }
        usize::try_from(more.max(less)).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_never_further_apart_than_names() {
        let names = [
            "",
            "a",
            "ab",
            "ba",
            "order",
            "ordre",
            "odrer",
            "orders",
            "Örder",
            "ördér",
            "budget",
            "x\u{1f980}y",
        ];
        for one in names {
            for other in names {
                let distance = strsim::damerau_levenshtein(one, other);
                assert!(Letters::of(one).apart(&Letters::of(other)) <= distance, "{one} {other}");
            }
        }
        assert_eq!(nearest("ordre", ["budget", "orders", "order"]), Some("order"));
        assert_eq!(nearest("wholly", ["budget", "orders"]), None);
    }
}
