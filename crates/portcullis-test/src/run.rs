//! Sends what a test sends, and compares.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::ast::{Expectation, Test, TestClause};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use crate::difference::{self, Difference, Line};
use crate::world::exchange;
use crate::{Answer, Evaluator, Exchange, Outcome, Response};

/// What is wrong with a test, or with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What is wrong, and where.
    pub fault: Diagnostic,
    /// What was expected and what came; nothing, where the test itself is at fault.
    pub difference: Option<Difference>,
}

/// The profiles that a test runs under, of those that the policy has.
///
/// # Errors
/// The test names a profile that the policy has not.
pub fn profiles<'p>(test: &Test, known: &'p [String]) -> Result<Vec<&'p str>, Diagnostic> {
    let named = test.clauses.iter().find_map(|clause| match clause {
        TestClause::Profile(name, _) => Some(name),
        _ => None,
    });
    let Some(name) = named else {
        return Ok(known.iter().map(String::as_str).collect());
    };
    match known.iter().find(|known| **known == name.node) {
        Some(found) => Ok(vec![found]),
        None => Err(Diagnostic::error(
            Code::UnknownName,
            name.span,
            format!("no profile is called `{}`", name.node),
        )
        .did_you_mean(&name.node, known.iter().map(String::as_str))),
    }
}

/// Runs one test under one profile against a fresh evaluator: what is wrong, or nothing.
#[must_use]
pub fn run(plan: &Plan, test: &Test, evaluator: &mut dyn Evaluator) -> Vec<Diagnostic> {
    mismatches(plan, test, evaluator).into_iter().map(|mismatch| mismatch.fault).collect()
}

/// [`run`], with what was expected and what came.
#[must_use]
pub fn mismatches(plan: &Plan, test: &Test, evaluator: &mut dyn Evaluator) -> Vec<Mismatch> {
    let exchange = match exchange(plan, test) {
        Ok(exchange) => exchange,
        Err(faults) => return faults.into_iter().map(Mismatch::from).collect(),
    };
    let caller = test.clauses.iter().find_map(|clause| match clause {
        TestClause::Caller { span, .. } => Some(*span),
        _ => None,
    });
    let began = exchange.now;
    let mut run = Run { exchange, evaluator, last: None, sent: 0, caller, began };
    let mut found = Vec::new();
    let mut expected = false;
    for clause in &test.clauses {
        match clause {
            TestClause::After(seconds, span) => {
                let nanos = i64::try_from(seconds.node)
                    .ok()
                    .and_then(|seconds| seconds.checked_mul(1_000_000_000))
                    .and_then(|nanos| run.exchange.now.checked_add(nanos));
                match nanos {
                    Some(now) => run.exchange.now = now,
                    None => found.push(Mismatch::from(Diagnostic::error(
                        Code::BadValue,
                        *span,
                        "the clock does not go so far",
                    ))),
                }
            }
            TestClause::Outcome(success, _) => {
                let outcome = if *success { Outcome::Success } else { Outcome::Failure };
                run.exchange.outcome = Some(outcome);
            }
            TestClause::StoreUnavailable(_) => run.exchange.store = false,
            TestClause::Expect(expectation, span) => {
                expected = true;
                found.extend(run.meet(expectation, *span));
            }
            _ => {}
        }
    }
    if !expected {
        let fault = Diagnostic::error(Code::Missing, test.title.span, "the test expects nothing")
            .help("add `expect admit` or `expect refuse REASON`");
        found.push(Mismatch::from(fault));
    }
    found
}

impl From<Diagnostic> for Mismatch {
    fn from(fault: Diagnostic) -> Mismatch {
        Mismatch { fault, difference: None }
    }
}

/// A test on its way from `expect` to `expect`.
struct Run<'a> {
    exchange: Exchange,
    evaluator: &'a mut dyn Evaluator,
    last: Option<Response>,
    /// How many requests have been sent.
    sent: u32,
    /// The clause that gives the caller.
    caller: Option<Span>,
    /// The clock when the test began.
    began: i64,
}

impl Run<'_> {
    fn meet(&mut self, expectation: &Expectation, span: Span) -> Option<Mismatch> {
        match expectation {
            Expectation::Admit { times } => {
                let nth = self.send(*times, |answer| matches!(answer, Answer::Admitted { .. }))?;
                self.verdict(span, "admit", &nth)
            }
            Expectation::Refuse { reason, times } => {
                if !Reason::ALL.iter().any(|known| known.as_str() == reason.node) {
                    let message = format!("no reason is called `{}`", reason.node);
                    let known = Reason::ALL.iter().map(|known| known.as_str());
                    let fault = Diagnostic::error(Code::UnknownName, reason.span, message);
                    return Some(fault.did_you_mean(&reason.node, known).into());
                }
                let nth = self.send(*times, |answer| {
                    matches!(answer, Answer::Refused { reason: found, .. } if *found == reason.node)
                })?;
                self.verdict(span, &format!("refuse {}", reason.node), &nth)
            }
            Expectation::Fields(wires) => {
                let found = match self.answer() {
                    Some(Answer::Admitted { fields: Some(found), .. }) => {
                        Ok(as_named(found, wires))
                    }
                    Some(Answer::Admitted { .. }) => Err("the route returns no view".to_owned()),
                    other => Err(format!("no fields leave: {}", unsent(other))),
                };
                self.names("field", span, wires, found)
            }
            Expectation::Faults(wires) => {
                let found = match self.answer() {
                    Some(Answer::Refused { faults, .. }) => Ok(faults.clone()),
                    other => Err(format!("nothing is at fault: {}", unsent(other))),
                };
                self.names("fault", span, wires, found)
            }
            Expectation::Header(name, value) => {
                let value = value.as_ref().map(|value| value.node.as_str());
                let message = match &self.last {
                    Some(sent) => header(sent, &name.node, value)?,
                    None => format!("no header is sent: {}", unsent(None)),
                };
                let last = self.last.as_ref();
                self.failed(span, message, difference::of_header(&name.node, value, last))
            }
            Expectation::Rows(expected) => {
                let found = match self.answer() {
                    Some(Answer::Admitted { rows: Some(found), .. }) => Ok(*found),
                    Some(Answer::Admitted { .. }) => Err("the route lists nothing".to_owned()),
                    other => Err(format!("no rows are shown: {}", unsent(other))),
                };
                let equal =
                    |found: usize| u32::try_from(found).is_ok_and(|row| row == expected.node);
                let (message, found) = match found {
                    Ok(found) if equal(found) => return None,
                    Ok(found) => {
                        (format!("expected {} rows, found {found}", expected.node), Some(found))
                    }
                    Err(message) => (message, None),
                };
                let lines = difference::of_rows(expected.node, found, self.last.as_ref());
                self.failed(span, message, lines)
            }
        }
    }

    fn answer(&self) -> Option<&Answer> {
        self.last.as_ref().map(|sent| &sent.answer)
    }

    /// Sends the request so many times. The first answer that is not as expected ends it, and is told: where
    /// it was one of several, which.
    fn send(&mut self, times: u32, expected: impl Fn(&Answer) -> bool) -> Option<String> {
        for nth in 1..=times {
            let sent = self.evaluator.send(&self.exchange);
            self.sent = self.sent.saturating_add(1);
            let as_expected = expected(&sent.answer);
            self.last = Some(sent);
            if !as_expected {
                return Some(if times > 1 { format!(" at request {nth}") } else { String::new() });
            }
        }
        None
    }

    /// Another verdict than the one expected.
    fn verdict(&self, span: Span, expected: &str, nth: &str) -> Option<Mismatch> {
        let last = self.last.as_ref()?;
        let message = format!("expected {expected}, found {}{nth}", describe(&last.answer));
        self.failed(span, message, difference::of_verdict(expected, last))
    }

    /// Other names than those expected, or why there are none.
    fn names(
        &self,
        what: &str,
        span: Span,
        wires: &[Spanned<String>],
        found: Result<BTreeSet<String>, String>,
    ) -> Option<Mismatch> {
        let (message, found) = match found {
            Ok(found) => (compare(&format!("{what}s"), wires, &found)?, Some(found)),
            Err(message) => (message, None),
        };
        let lines = difference::of_names(what, wires, found.as_ref(), self.last.as_ref());
        self.failed(span, message, lines)
    }

    /// With the clause that refused, if one did.
    fn failed(&self, span: Span, message: String, lines: Vec<Line>) -> Option<Mismatch> {
        let mut fault = Diagnostic::error(Code::TestFailed, span, message);
        let refused = matches!(self.answer(), Some(Answer::Refused { .. }));
        if let Some(clause) = self.evaluator.refused_by().filter(|_| refused) {
            fault = fault.and(clause, "decided by this");
        }
        let difference = Difference::new(&self.exchange, self.sent, self.caller, self.began);
        Some(Mismatch { fault, difference: Some(difference.with(lines)) })
    }
}

fn describe(answer: &Answer) -> String {
    match answer {
        Answer::Admitted { .. } => "admit".to_owned(),
        Answer::Refused { reason, faults } if faults.is_empty() => format!("refuse {reason}"),
        Answer::Refused { reason, faults } => {
            let faults = faults.iter().map(|field| if field.is_empty() { "\"\"" } else { field });
            format!("refuse {reason} [{}]", faults.collect::<Vec<_>>().join(", "))
        }
    }
}

fn unsent(last: Option<&Answer>) -> String {
    last.map_or_else(
        || "no request has been sent; put `expect admit` before it".to_owned(),
        |answer| format!("the answer was {}", describe(answer)),
    )
}

/// What is wrong with a header line of an answer; nothing, where it is as expected.
fn header(sent: &Response, name: &str, expected: Option<&str>) -> Option<String> {
    let found = sent.headers.get(&name.to_ascii_lowercase()).map(String::as_str);
    if name.eq_ignore_ascii_case("x-request-id") {
        return Some(format!("every answer has another `{name}`: it cannot be expected"));
    }
    match (found, expected) {
        (found, expected) if found == expected => None,
        (Some(found), Some(_)) => Some(format!("`{name}` is \"{found}\"")),
        (Some(found), None) => Some(format!("`{name}` is sent: \"{found}\"")),
        (None, _) => {
            let known = sent.headers.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            Some(format!("the engine sends no `{name}`; it sends {}", known.join(", ")))
        }
    }
}

/// The fields as the test names them: where it names a field of an envelope alone, what is inside of it
/// is not asked about.
fn as_named(found: &BTreeSet<String>, wires: &[Spanned<String>]) -> BTreeSet<String> {
    let named = |name: &String| match name.split_once('.') {
        Some((outer, _)) if wires.iter().any(|wire| wire.node == outer) => outer.to_owned(),
        _ => name.clone(),
    };
    found.iter().map(named).collect()
}

fn compare(what: &str, expected: &[Spanned<String>], found: &BTreeSet<String>) -> Option<String> {
    let expected = expected.iter().map(|wire| wire.node.clone()).collect::<BTreeSet<_>>();
    if expected == *found {
        return None;
    }
    let list = |names: Vec<&String>| {
        names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let missing = expected.difference(found).collect::<Vec<_>>();
    let more = found.difference(&expected).collect::<Vec<_>>();
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("expected {} too", list(missing)));
    }
    if !more.is_empty() {
        parts.push(format!("did not expect {}", list(more)));
    }
    Some(format!("other {what}: {}", parts.join("; ")))
}
