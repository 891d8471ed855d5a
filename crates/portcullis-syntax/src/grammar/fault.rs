//! Faults of the text, in words that its author knows.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::Rule;
use super::split::{DECLARATIONS, Fault};
use crate::diagnostic::nearest;
use crate::{Code, Diagnostic, Span};

/// At most this many of the things that may follow are named.
const MOST_EXPECTED: usize = 5;

/// A fault of brackets, strings and sizes.
pub(super) fn form(fault: &Fault, place: &impl Fn(usize, usize) -> Span) -> Diagnostic {
    match fault {
        Fault::Unclosed { open, end } => {
            Diagnostic::error(Code::Syntax, place(*open, open + 1), "this bracket is never closed")
                .label("opened here")
                .and(place(*end, *end), "still open here")
                .help("close it")
        }
        Fault::Unopened { close, open } => {
            let found = Diagnostic::error(
                Code::Syntax,
                place(*close, close + 1),
                "this bracket closes nothing",
            );
            match open {
                Some(open) => {
                    found.label("closes another kind").and(place(*open, open + 1), "open here")
                }
                None => found.help("take it away"),
            }
        }
        Fault::OpenString(range) => Diagnostic::error(
            Code::Syntax,
            place(range.start, range.end),
            "the text is not ended on its line",
        )
        .help("end it with `\"`; write a line break as `\\n`"),
        Fault::TooDeep(at) => Diagnostic::error(
            Code::TooLarge,
            place(*at, at + 1),
            "brackets are nested more than 32 levels deep",
        ),
        Fault::LongName(range) => Diagnostic::error(
            Code::TooLarge,
            place(range.start, range.start + 64),
            "a name has at most 64 characters",
        ),
        Fault::LoneDoc(range) => Diagnostic::error(
            Code::Syntax,
            place(range.start, range.end),
            "`///` documents what follows, and nothing does",
        )
        .help("write `//` for a comment"),
        Fault::LateFileDoc(range) => Diagnostic::error(
            Code::Syntax,
            place(range.start, range.end),
            "`//!` documents a file, and stands at its top",
        )
        .help("move it to the top, or write `//` for a comment"),
    }
}

/// A word that opens no declaration.
pub(super) fn no_declaration(word: &str, span: Span) -> Diagnostic {
    let known = DECLARATIONS.iter().map(|(known, _)| *known);
    let fault = if word.is_empty() {
        Diagnostic::error(Code::Syntax, span, "expected a declaration")
    } else {
        Diagnostic::error(Code::Syntax, span, format!("expected a declaration, found `{word}`"))
    };
    fault
        .help("a declaration opens with a word such as `role`, `resource`, `budget`, `group` or `route`")
        .did_you_mean(word, known)
}

/// pest's error, with what was found and what may stand there.
pub(super) fn syntax(
    error: &Error<Rule>,
    text: &str,
    word: &str,
    place: &impl Fn(usize, usize) -> Span,
) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let at = at + blank(text.get(at..).unwrap_or(""));
    let rest = text.get(at..).unwrap_or("");
    let found = token(rest);
    let span = place(at, at + found.len());
    let positives = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    };
    let mut expected = positives.iter().map(|rule| human(*rule)).collect::<Vec<_>>();
    expected.sort();
    expected.dedup();
    let shown = if found.is_empty() { "the end".to_owned() } else { format!("`{found}`") };
    let message = match expected.len() {
        0 => format!("{shown} cannot stand here"),
        1..=MOST_EXPECTED => format!("expected {}, found {shown}", expected.join(" or ")),
        _ => format!("{shown} cannot stand in this `{word}`"),
    };
    let fault = Diagnostic::error(Code::Syntax, span, message);
    match help(found, rest, text.get(..at).unwrap_or(""), positives) {
        Some(help) => fault.help(help),
        None => fault,
    }
}

/// How much white space and comment stands at the start.
fn blank(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
        if rest.starts_with("//") && !rest.starts_with("///") {
            rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or("");
        } else {
            return text.len() - rest.len();
        }
    }
}

/// What stands at the start, as a reader would take it.
fn token(text: &str) -> &str {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let Some(first) = text.chars().next() else {
        return "";
    };
    let length = if word(first) {
        text.find(|c: char| !word(c)).unwrap_or(text.len())
    } else if text.starts_with("&&") || text.starts_with("||") || text.starts_with("..") {
        2
    } else {
        first.len_utf8()
    };
    text.get(..length).unwrap_or("")
}

/// The edit that mends it, where it can be known.
fn help(found: &str, rest: &str, before: &str, expected: &[Rule]) -> Option<String> {
    let keywords = expected.iter().map(|rule| human(*rule));
    let keywords =
        keywords.filter_map(|word| Some(word.strip_prefix('`')?.strip_suffix('`')?.to_owned()));
    let keywords = keywords.collect::<Vec<_>>();
    let mixed = expected.contains(&Rule::kw_and) || expected.contains(&Rule::kw_or);
    Some(match found {
        "and" | "or" if mixed => {
            "`and` and `or` are mixed with parentheses only: `(a and b) or c`".to_owned()
        }
        "=" if before.ends_with('=') || rest.starts_with("==") => return None,
        "=" => "two values are compared with `==`".to_owned(),
        "&&" | "&" => "write `and`".to_owned(),
        "||" | "|" => "write `or`".to_owned(),
        "!" => "write `not`".to_owned(),
        "'" => "text stands in double quotes: `\"…\"`".to_owned(),
        ";" => "nothing needs a terminator; take the `;` away".to_owned(),
        "///" | "/" if rest.starts_with("///") => {
            "`///` documents what follows; write `//` for a comment".to_owned()
        }
        _ if found.starts_with(|c: char| c.is_uppercase()) && expected.contains(&Rule::name) => {
            format!("names are `snake_case`: `{}`", found.to_lowercase())
        }
        _ => {
            let near = nearest(found, keywords.iter().map(String::as_str))?;
            format!("did you mean `{near}`?")
        }
    })
}

/// A rule as people call it.
fn human(rule: Rule) -> String {
    let name = match rule {
        Rule::name | Rule::bare => "a name",
        Rule::field_name => "a field (`name:`)",
        Rule::permission => "a permission (`read:orders`)",
        Rule::grant => "a permission (`read:orders`)",
        Rule::string => "text (`\"…\"`)",
        Rule::int => "a whole number",
        Rule::duration => "a duration (`15m`)",
        Rule::size => "a size (`64KiB`)",
        Rule::time => "a time (`2026-01-31T00:00:00Z`)",
        Rule::literal | Rule::given_value => "a value",
        Rule::pattern => "a path (`/orders/{id}`)",
        Rule::target => "a target (`/orders/1`)",
        Rule::method => "a method (`GET`)",
        Rule::names => "a name or `[names]`",
        Rule::type_name | Rule::field_type => "a type",
        Rule::path => "a value (`caller.id`)",
        Rule::expression | Rule::negation | Rule::comparison => "a condition",
        Rule::operand | Rule::primary => "a value",
        Rule::comparator | Rule::compare => "a comparison",
        Rule::condition => "`when`",
        Rule::view_ref => "a view (`order.full`)",
        Rule::record => "`{`",
        Rule::json => "JSON",
        Rule::EOI => "the end of the declaration",
        Rule::doc => "`///`",
        other => {
            let name = format!("{other:?}");
            return match name.strip_prefix("kw_") {
                Some(word) => format!("`{word}`"),
                None => name.replace('_', " "),
            };
        }
    };
    name.to_owned()
}
