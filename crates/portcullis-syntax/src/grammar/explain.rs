//! A syntax fault of pest's in the author's words: what was expected, what was found, and the
//! edit where it can be known.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::expectation::Expectations;
use super::lexeme::{Kind, Lexeme, Scan};
use super::{Rule, span};
use crate::diagnostic::nearest;
use crate::{Code, Diagnostic, FileId};

/// The words that are never names.
const RESERVED: &[&str] = &[
    "and", "or", "not", "in", "is", "can", "exists", "else", "unless", "when", "true", "false",
    "null", "now", "caller", "request", "params", "query", "header", "body", "waive",
];

/// The diagnostic of a fault that pest met in the part of a text that begins at `base`.
pub(super) fn syntax(
    error: &Error<Rule>,
    base: usize,
    text: &str,
    scan: &Scan,
    file: FileId,
) -> Diagnostic {
    let at = base
        + match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
    let rules = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    };
    let next = scan.lexemes.partition_point(|lexeme| lexeme.range.end <= at);
    let lexemes = scan.lexemes.get(next..).unwrap_or_default();
    let place = Place {
        text,
        file,
        before: scan.lexemes.get(..next).unwrap_or_default(),
        at: lexemes.iter().find(|lexeme| lexeme.kind != Kind::Comment),
    };
    place.explain(&Expectations::of(rules))
}

/// The place of a fault.
struct Place<'a> {
    text: &'a str,
    file: FileId,
    /// All that stands before it.
    before: &'a [Lexeme],
    /// What was found; nothing at the end of the file.
    at: Option<&'a Lexeme>,
}

impl Place<'_> {
    fn explain(&self, expected: &Expectations) -> Diagnostic {
        let Some(found) = self.at else {
            if let Some(doc) = self.before.last().filter(|last| last.kind == Kind::Doc) {
                return self.documents_nothing(doc);
            }
            let end = self.before.last().map_or(0, |last| last.range.end);
            let expected = expected.listed(self.block());
            let message = format!("expected {expected}, found the end of the file");
            return Diagnostic::error(Code::Syntax, span(self.file, end..end), message);
        };
        if let Some(special) = self
            .docs(found, expected)
            .or_else(|| self.mixed(found, expected))
            .or_else(|| self.chained(found, expected))
        {
            return special;
        }
        let shown = self.shown(found);
        let range = found.range.start..found.range.start + shown.len();
        let names = expected.has(Rule::name) || expected.has(Rule::field_name);
        let reserved = names && RESERVED.contains(&shown);
        let kind = if reserved { "the reserved word " } else { "" };
        let message = format!(
            "expected {}, found {kind}`{}`",
            expected.listed(self.block()),
            super::shown(shown)
        );
        let mut diagnostic = Diagnostic::error(Code::Syntax, span(self.file, range), message);
        diagnostic.help = self.mend(found, shown, expected);
        diagnostic
    }

    /// The edit that mends the fault.
    fn mend(&self, found: &Lexeme, shown: &str, expected: &Expectations) -> Option<String> {
        if let Some(near) = self.near(found, expected) {
            return Some(format!("did you mean `{near}`?"));
        }
        let word = self.word(found);
        let directly = self.text.get(found.range.end..).unwrap_or("").chars().next();
        let names = expected.has(Rule::name) || expected.has(Rule::field_name);
        let help = match shown {
            ";" => "remove it: nothing needs an end mark",
            "=" if expected.has(Rule::comparator) => "write `==` to compare",
            "=" => "remove it: a clause is its word and then its value",
            "&&" | "&" => "write `and`",
            "||" | "|" => "write `or`",
            "!" => "write `not`",
            "'" | "`" => "write texts in double quotes",
            "unless" if self.behind_as() => "`unless` stands behind its `when`, before `as`",
            "inherits" if self.behind_as() => "`inherits` stands before `as`",
            "." | ".." | "..." => "no space stands inside `order.full`, `1..5` or `...summary`",
            ":" => "no space stands before the colon of a field or inside a permission",
            // Which word it is has been said.
            _ if names && RESERVED.contains(&word) => return None,
            _ if expected.word(word) && matches!(directly, Some(':' | '.')) => {
                "a word directly before `:` or `.` is a name, never a keyword"
            }
            _ if self.after_range() => "no space stands inside a range: write `1..5`",
            _ if found.kind == Kind::Slashed && expected.has(Rule::pattern) => {
                "a pattern is like `/orders/{id}`: no `//`, and white space before a `{` that \
                 opens a block"
            }
            _ if self.before_dots(found) => "no space stands inside a range: write `1..5`",
            _ if found.kind == Kind::Word && expected.has(Rule::field_name) => {
                match self.followed_by_colon(found) {
                    true => "no space stands before the colon of a field",
                    false if expected.only(Rule::field_name) => {
                        return Some(format!("write `{word}:`"));
                    }
                    false => return None,
                }
            }
            _ if word.starts_with(|char: char| char.is_ascii_digit())
                && word.ends_with(|char: char| char.is_ascii_alphabetic()) =>
            {
                "durations end in `s`, `m`, `h` or `d`, sizes in `KiB`, `MiB` or `GiB`"
            }
            _ if names && word.starts_with(|char: char| char.is_ascii_uppercase()) => {
                return Some(format!("names are in snake_case: write `{}`", snake_case(word)));
            }
            _ if expected.has(Rule::method) => "methods are in capitals: `GET`, `POST`",
            "form" | "raw" if expected.is_empty() => "no input is called `form` or `raw`",
            _ => return None,
        };
        Some(help.to_owned())
    }

    /// Whether it stands behind `as NAME`, which ends a clause.
    fn behind_as(&self) -> bool {
        let of = |lexeme: &Lexeme| self.text.get(lexeme.range.clone());
        self.before.iter().rev().nth(1).and_then(of) == Some("as")
    }

    /// The word that may have been meant.
    fn near<'e>(&self, found: &Lexeme, expected: &'e Expectations) -> Option<&'e str> {
        let word = self.word(found).to_ascii_lowercase();
        if found.kind != Kind::Word || expected.word(self.word(found)) {
            return None;
        }
        if word.len() < 3 {
            return None;
        }
        let exact = expected.words().find(|known| *known == word);
        exact.or_else(|| nearest(&word, expected.words()))
    }

    /// `///` where nothing can be documented, and `//!` anywhere but at the start.
    fn docs(&self, found: &Lexeme, expected: &Expectations) -> Option<Diagnostic> {
        if found.kind == Kind::FileDoc {
            let message = "`//!` stands only at the start of a file";
            return Some(
                Diagnostic::error(Code::Syntax, span(self.file, found.range.clone()), message)
                    .help("write `//` for a comment"),
            );
        }
        let doc = if found.kind == Kind::Doc {
            found
        } else {
            self.before.last().filter(|last| last.kind == Kind::Doc)?
        };
        if self.near(found, expected).is_some() || found.kind == Kind::Mark {
            return None;
        }
        Some(self.documents_nothing(doc))
    }

    fn documents_nothing(&self, doc: &Lexeme) -> Diagnostic {
        let message = "`///` documents nothing here";
        Diagnostic::error(Code::Syntax, span(self.file, doc.range.clone()), message).help(
            "write `//` for a comment; `///` stands before a declaration, route, field, \
             predicate or view",
        )
    }

    /// `a and b or c`
    fn mixed(&self, found: &Lexeme, expected: &Expectations) -> Option<Diagnostic> {
        let other = match self.word(found) {
            "or" if expected.has(Rule::kw_and) && !expected.has(Rule::kw_or) => "and",
            "and" if expected.has(Rule::kw_or) && !expected.has(Rule::kw_and) => "or",
            _ => return None,
        };
        let message = "`and` and `or` are mixed without parentheses";
        let mut diagnostic =
            Diagnostic::error(Code::Syntax, span(self.file, found.range.clone()), message)
                .help("put parentheses around what belongs together: `(a and b) or c`");
        let mut depth = 0_usize;
        for lexeme in self.before.iter().rev() {
            match lexeme.kind {
                Kind::Close => depth += 1,
                Kind::Open if depth == 0 => break,
                Kind::Open => depth -= 1,
                Kind::Word if depth == 0 && self.word(lexeme) == other => {
                    let span = span(self.file, lexeme.range.clone());
                    diagnostic = diagnostic.and(span, format!("the chain began with `{other}`"));
                    break;
                }
                _ => {}
            }
        }
        Some(diagnostic)
    }

    /// `a == b == c`
    fn chained(&self, found: &Lexeme, expected: &Expectations) -> Option<Diagnostic> {
        let operator = self.shown(found);
        let compares = matches!(
            operator,
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "is" | "can" | "within" | "older"
        );
        if !compares || !expected.has(Rule::kw_and) || expected.has(Rule::comparator) {
            return None;
        }
        let message = format!("`{operator}` follows a comparison: comparisons are not chained");
        let range = found.range.start..found.range.start + operator.len();
        Some(
            Diagnostic::error(Code::Syntax, span(self.file, range), message)
                .help("join two comparisons with `and`"),
        )
    }

    /// The text of a lexeme.
    fn word(&self, lexeme: &Lexeme) -> &str {
        self.text.get(lexeme.range.clone()).unwrap_or("")
    }

    /// A lexeme as the author sees it: an operator is more than its first character.
    fn shown(&self, lexeme: &Lexeme) -> &str {
        let word = self.word(lexeme);
        let rest = self.text.get(lexeme.range.start..).unwrap_or("");
        let long = ["...", "..", "==", "!=", "<=", ">=", "&&", "||"];
        match lexeme.kind {
            Kind::Mark => {
                let mark = long.iter().find(|mark| rest.starts_with(**mark));
                mark.map_or(word, |mark| rest.get(..mark.len()).unwrap_or(word))
            }
            // One line, of a length that a reader takes in.
            _ => word.char_indices().nth(40).map_or(word, |(cut, _)| word.get(..cut).unwrap_or("")),
        }
    }

    /// Whether `..` stands before, and so a range's end is cut off by a space.
    fn after_range(&self) -> bool {
        let dots = self.before.last().is_some_and(|last| self.word(last) == ".");
        let at = self.at.map(|at| self.word(at)).unwrap_or_default();
        dots && at.starts_with(|char: char| char.is_ascii_digit())
    }

    /// Whether `..` stands behind, apart by a space.
    fn before_dots(&self, found: &Lexeme) -> bool {
        let digits = self.word(found).starts_with(|char: char| char.is_ascii_digit());
        digits && self.text.get(found.range.end..).unwrap_or("").trim_start().starts_with("..")
    }

    fn followed_by_colon(&self, found: &Lexeme) -> bool {
        self.text.get(found.range.end..).unwrap_or("").trim_start().starts_with(':')
    }

    /// The word that the innermost open block begins with.
    fn block(&self) -> Option<&str> {
        let mut depth = 0_usize;
        let mut before = self.before.iter().rev();
        let open = before.find(|lexeme| match lexeme.kind {
            Kind::Close => {
                depth += 1;
                false
            }
            Kind::Open if depth == 0 => self.word(lexeme) == "{",
            Kind::Open => {
                depth -= 1;
                false
            }
            _ => false,
        })?;
        let head = before.take_while(|lexeme| {
            let between = self.text.get(lexeme.range.end..open.range.start).unwrap_or("");
            !matches!(self.word(lexeme), "{" | "}") && !between.contains('\n')
        });
        head.last()
            .map(|lexeme| self.word(lexeme))
            .filter(|word| word.starts_with(|char: char| char.is_ascii_lowercase()))
    }
}

/// `OrderItem` as `order_item`.
pub(super) fn snake_case(word: &str) -> String {
    let mut name = String::with_capacity(word.len() + 4);
    let mut lower = false;
    for char in word.chars() {
        if char.is_ascii_uppercase() && lower {
            name.push('_');
        }
        lower = char.is_ascii_lowercase() || char.is_ascii_digit();
        name.push(char.to_ascii_lowercase());
    }
    name
}
