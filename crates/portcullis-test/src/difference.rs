//! What was expected and what came, line by line.

use std::collections::BTreeSet;

use portcullis_syntax::{Span, Spanned};

use crate::{Answer, Exchange, Response};

/// The difference between what a test expects of a request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which of the requests of the test it was, from 1.
    pub nth: u32,
    /// What was sent: method and target, or the action.
    pub request: String,
    /// The test's words on the caller; nothing, where none is given.
    pub caller: Option<Span>,
    /// The time of the request, in nanoseconds since the Unix epoch, where the test has moved the clock.
    pub at: Option<i64>,
    /// The lines: each says one thing of the answer.
    pub lines: Vec<Line>,
}

/// One thing that is said of an answer, such as `status 403`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who says it.
    pub side: Side,
    /// What.
    pub text: String,
}

/// Whether a line was expected, or came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It was expected, and did not come.
    Expected,
    /// It came, and was not expected.
    Found,
    /// It came, and nothing is wrong with it.
    Both,
}

impl Side {
    /// The mark before the line, as in a patch.
    #[must_use]
    pub fn mark(self) -> char {
        match self {
            Side::Expected => '-',
            Side::Found => '+',
            Side::Both => ' ',
        }
    }
}

impl Line {
    fn new(side: Side, text: impl Into<String>) -> Line {
        Line { side, text: text.into() }
    }
}

impl Difference {
    pub(crate) fn new(
        exchange: &Exchange,
        nth: u32,
        caller: Option<Span>,
        began: i64,
    ) -> Difference {
        let request = match &exchange.act {
            Some(action) => format!("act {action}"),
            None => format!("{} {}", exchange.method, exchange.target),
        };
        let at = (exchange.now != began).then_some(exchange.now);
        Difference { nth, request, caller, at, lines: Vec::new() }
    }

    pub(crate) fn with(mut self, lines: Vec<Line>) -> Difference {
        self.lines = lines;
        self
    }
}

/// Another verdict than the one expected, such as `admit`.
pub(crate) fn of_verdict(expected: &str, found: &Response) -> Vec<Line> {
    let mut lines = vec![Line::new(Side::Expected, expected)];
    lines.extend(said(&found.answer).map(|text| Line::new(Side::Found, text)));
    lines.extend(found.status.map(|status| Line::new(Side::Found, format!("status {status}"))));
    lines
}

/// Another set of names than the one expected. What is said of both sides comes in one order.
pub(crate) fn of_names(
    what: &str,
    expected: &[Spanned<String>],
    found: Option<&BTreeSet<String>>,
    response: Option<&Response>,
) -> Vec<Line> {
    let expected = expected.iter().map(|name| name.node.clone()).collect::<BTreeSet<_>>();
    let none = BTreeSet::new();
    let came = found.unwrap_or(&none);
    let mut lines = verdict(response, found.is_some());
    lines.extend(expected.union(came).map(|name| {
        let side = match (expected.contains(name), came.contains(name)) {
            (true, false) => Side::Expected,
            (false, _) => Side::Found,
            (true, true) => Side::Both,
        };
        Line::new(side, format!("{what} {}", quoted(name)))
    }));
    lines
}

/// Another number of rows than the one expected.
pub(crate) fn of_rows(
    expected: u32,
    found: Option<usize>,
    response: Option<&Response>,
) -> Vec<Line> {
    let mut lines = verdict(response, found.is_some());
    lines.push(Line::new(Side::Expected, format!("rows {expected}")));
    lines.extend(found.map(|found| Line::new(Side::Found, format!("rows {found}"))));
    lines
}

/// Another header line than the one expected.
pub(crate) fn of_header(
    name: &str,
    expected: Option<&str>,
    response: Option<&Response>,
) -> Vec<Line> {
    let found = response.and_then(|sent| sent.headers.get(&name.to_ascii_lowercase()));
    let line = |side, value: Option<&str>| {
        let value = value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"));
        Line::new(side, format!("header \"{name}\" {value}"))
    };
    let mut lines = verdict(response, true);
    lines.push(line(Side::Expected, expected));
    lines.push(line(Side::Found, found.map(String::as_str)));
    lines
}

/// What the answer was, as far as it is not what the test is wrong about.
fn verdict(response: Option<&Response>, as_expected: bool) -> Vec<Line> {
    let side = if as_expected { Side::Both } else { Side::Found };
    let Some(response) = response else {
        return vec![Line::new(Side::Found, "no request")];
    };
    let mut lines: Vec<Line> = said(&response.answer).map(|text| Line::new(side, text)).collect();
    if as_expected {
        // What a test expects of an invalid input are its faults, which are told one by one.
        lines.truncate(1);
    }
    lines.extend(response.status.map(|status| Line::new(side, format!("status {status}"))));
    lines
}

/// The answer, and the faults of an invalid input.
fn said(answer: &Answer) -> impl Iterator<Item = String> {
    let (verdict, faults) = match answer {
        Answer::Admitted { .. } => ("admit".to_owned(), None),
        Answer::Refused { reason, faults } => (format!("refuse {reason}"), Some(faults)),
    };
    let faults = faults.into_iter().flatten().map(|field| format!("fault {}", quoted(field)));
    std::iter::once(verdict).chain(faults)
}

/// A name as it stands in a test; one that is no name, such as the empty one of a whole body, in quotes.
fn quoted(name: &str) -> String {
    let plain = !name.is_empty()
        && name
            .chars()
            .all(|found| found.is_ascii_alphanumeric() || matches!(found, '_' | '.' | '-'));
    if plain { name.to_owned() } else { format!("{name:?}") }
}
