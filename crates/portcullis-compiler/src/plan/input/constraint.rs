//! What a value must fulfil beside its type. Compiler and engine ask it here: a default that the
//! compiler let in is one that the engine would.

use std::borrow::Cow;

use regex::Regex;

use super::super::Constant;
use super::Format;

/// The constraints of a field or of an element.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Constraints {
    /// Whether white space at both ends is cut off before the checks.
    pub trim: bool,
    /// The case that letters take before the checks.
    pub case: Option<LetterCase>,
    /// The least number of characters or elements, or the least value.
    pub min: Option<Bound>,
    /// The greatest.
    pub max: Option<Bound>,
    /// The form of a text.
    pub format: Option<Format>,
    /// What is found in a text.
    pub matching: Option<Pattern>,
    /// At least one character of each of these.
    pub containing: Vec<Characters>,
    /// The values allowed; any, where there are none.
    pub one_of: Vec<Constant>,
    /// The outbound that lets the service fetch a URL, by index.
    pub through: Option<usize>,
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// Of a count or an int.
    Int(i64),
    /// Of a number.
    Number(f64),
}

/// A case of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// `lowercase`
    Lower,
    /// `uppercase`
    Upper,
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Characters {
    /// `a-z`
    Lower,
    /// `A-Z`
    Upper,
    /// `0-9`
    Digit,
    /// Those of a text.
    Of(String),
}

/// A regular expression, compiled once. It takes time that grows with the text alone.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.text == other.text
    }
}

impl Pattern {
    /// What a compiled expression may take up, in bytes: counted repetitions multiply.
    const SIZE_LIMIT: usize = 1 << 20;

    /// Compiles an expression.
    ///
    /// # Errors
    /// Why it is none, in the words of the `regex` crate.
    pub fn new(text: &str) -> Result<Pattern, String> {
        let built = regex::RegexBuilder::new(text).size_limit(Pattern::SIZE_LIMIT).build();
        match built {
            Ok(regex) => Ok(Pattern { text: text.to_owned(), regex }),
            Err(why) => Err(why.to_string()),
        }
    }

    /// Whether it is found in a text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The expression as its author wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether no text is longer than some length in which it is found: it is tied to both ends, and
    /// repeats nothing for ever.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        use regex_syntax::hir::Look;
        regex_syntax::parse(&self.text).is_ok_and(|hir| {
            let properties = hir.properties();
            properties.look_set_prefix().contains(Look::Start)
                && properties.look_set_suffix().contains(Look::End)
                && properties.maximum_len().is_some()
        })
    }
}

impl Characters {
    fn has(&self, character: char) -> bool {
        match self {
            Characters::Lower => character.is_ascii_lowercase(),
            Characters::Upper => character.is_ascii_uppercase(),
            Characters::Digit => character.is_ascii_digit(),
            Characters::Of(text) => text.contains(character),
        }
    }

    fn expected(&self) -> String {
        match self {
            Characters::Lower => "a lower-case letter".to_owned(),
            Characters::Upper => "an upper-case letter".to_owned(),
            Characters::Digit => "a digit".to_owned(),
            Characters::Of(text) => format!("one of {text}"),
        }
    }
}

impl Constraints {
    /// A text as it is looked at and kept. Doing it again changes nothing.
    #[must_use]
    pub fn normal<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let text = if self.trim { text.trim() } else { text };
        match self.case {
            None => Cow::Borrowed(text),
            Some(LetterCase::Lower) => Cow::Owned(text.to_lowercase()),
            Some(LetterCase::Upper) => Cow::Owned(text.to_uppercase()),
        }
    }

    /// Tells each constraint that a normal text does not fulfil.
    pub fn of_text(&self, text: &str, each: &mut dyn FnMut(String)) {
        if self.min.is_some() || self.max.is_some() {
            self.of_count(text.chars().count(), "character", each);
        }
        if let Some(format) = self.format.filter(|format| !format.has(text)) {
            each(format.expected().to_owned());
        }
        if let Some(pattern) = self.matching.as_ref().filter(|pattern| !pattern.is_in(text)) {
            each(format!("must match /{}/", pattern.as_str()));
        }
        for set in self.containing.iter().filter(|set| !text.chars().any(|found| set.has(found))) {
            each(format!("must contain {}", set.expected()));
        }
    }

    /// Tells each bound that a number of characters or elements does not keep to.
    pub fn of_count(&self, count: usize, unit: &str, each: &mut dyn FnMut(String)) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let units = |bound: i64| if bound == 1 { unit.to_owned() } else { format!("{unit}s") };
        if let Some(Bound::Int(min)) = self.min.filter(|_| self.is_below(Bound::Int(count))) {
            each(format!("must have at least {min} {}", units(min)));
        }
        if let Some(Bound::Int(max)) = self.max.filter(|_| self.is_above(Bound::Int(count))) {
            each(format!("must have at most {max} {}", units(max)));
        }
    }

    /// Tells each bound that a value does not keep to.
    pub fn of_value(&self, value: Bound, each: &mut dyn FnMut(String)) {
        if let Some(min) = self.min.filter(|_| self.is_below(value)) {
            each(format!("must be at least {min}"));
        }
        if let Some(max) = self.max.filter(|_| self.is_above(value)) {
            each(format!("must be at most {max}"));
        }
    }

    fn is_below(&self, value: Bound) -> bool {
        self.min.is_some_and(|min| !min.is_at_most(value))
    }

    fn is_above(&self, value: Bound) -> bool {
        self.max.is_some_and(|max| !value.is_at_most(max))
    }

    /// Tells each constraint that a value does not fulfil which is no list; a text is normal.
    pub fn of_constant(&self, value: &Constant, each: &mut dyn FnMut(String)) {
        match value {
            Constant::Text(text) => self.of_text(text, each),
            Constant::Int(value) => self.of_value(Bound::Int(*value), each),
            Constant::Number(value) => self.of_value(Bound::Number(*value), each),
            _ => {}
        }
    }
}

impl Bound {
    fn is_at_most(self, other: Bound) -> bool {
        match (self, other) {
            (Bound::Int(one), Bound::Int(other)) => one <= other,
            (Bound::Number(one), Bound::Number(other)) => one <= other,
            // The compiler gives a number bounds of its own kind.
            _ => false,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bound::Int(value) => write!(f, "{value}"),
            Bound::Number(value) => write!(f, "{value}"),
        }
    }
}
