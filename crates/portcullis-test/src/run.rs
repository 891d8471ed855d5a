//! Sends what a test sends, and compares.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::ast::{Expectation, Test, TestClause};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use crate::world::exchange;
use crate::{Answer, Evaluator, Exchange, Outcome, Response};

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
    let mut exchange = match exchange(plan, test) {
        Ok(exchange) => exchange,
        Err(faults) => return faults,
    };
    let mut faults = Vec::new();
    let mut last: Option<Response> = None;
    let mut expected = false;
    for clause in &test.clauses {
        match clause {
            TestClause::After(seconds, span) => {
                let nanos = i64::try_from(seconds.node)
                    .ok()
                    .and_then(|seconds| seconds.checked_mul(1_000_000_000))
                    .and_then(|nanos| exchange.now.checked_add(nanos));
                match nanos {
                    Some(now) => exchange.now = now,
                    None => faults.push(Diagnostic::error(
                        Code::BadValue,
                        *span,
                        "the clock does not go so far",
                    )),
                }
            }
            TestClause::Outcome(success, _) => {
                exchange.outcome = Some(if *success { Outcome::Success } else { Outcome::Failure });
            }
            TestClause::StoreUnavailable(_) => exchange.store = false,
            TestClause::Expect(expectation, span) => {
                expected = true;
                faults.extend(meet(expectation, *span, &exchange, evaluator, &mut last));
            }
            _ => {}
        }
    }
    if !expected {
        let fault = Diagnostic::error(Code::Missing, test.title.span, "the test expects nothing")
            .help("add `expect admit` or `expect refuse REASON`");
        faults.push(fault);
    }
    faults
}

fn meet(
    expectation: &Expectation,
    span: Span,
    exchange: &Exchange,
    evaluator: &mut dyn Evaluator,
    last: &mut Option<Response>,
) -> Option<Diagnostic> {
    let failed = |message: String| Some(Diagnostic::error(Code::TestFailed, span, message));
    match expectation {
        Expectation::Admit { times } => {
            send(*times, exchange, evaluator, last, |answer, nth| match answer {
                Answer::Admitted { .. } => None,
                other => Some(format!("expected admit, found {}{nth}", describe(other))),
            })
            .and_then(failed)
            .map(|fault| explained(fault, evaluator))
        }
        Expectation::Refuse { reason, times } => {
            if !Reason::ALL.iter().any(|known| known.as_str() == reason.node) {
                let message = format!("no reason is called `{}`", reason.node);
                let known = Reason::ALL.iter().map(|known| known.as_str());
                let fault = Diagnostic::error(Code::UnknownName, reason.span, message);
                return Some(fault.did_you_mean(&reason.node, known));
            }
            send(*times, exchange, evaluator, last, |answer, nth| match answer {
                Answer::Refused { reason: found, .. } if *found == reason.node => None,
                other => {
                    Some(format!("expected refuse {}, found {}{nth}", reason.node, describe(other)))
                }
            })
            .and_then(failed)
            .map(|fault| explained(fault, evaluator))
        }
        Expectation::Fields(wires) => match last.as_ref().map(|sent| &sent.answer) {
            Some(Answer::Admitted { fields: Some(found), .. }) => {
                compare("fields", wires, &as_named(found, wires)).and_then(failed)
            }
            Some(Answer::Admitted { .. }) => failed("the route returns no view".to_owned()),
            other => failed(format!("no fields leave: {}", unsent(other))),
        },
        Expectation::Faults(wires) => match last.as_ref().map(|sent| &sent.answer) {
            Some(Answer::Refused { faults, .. }) => {
                compare("faults", wires, faults).and_then(failed)
            }
            other => failed(format!("nothing is at fault: {}", unsent(other))),
        },
        Expectation::Header(name, value) => match last {
            Some(sent) => header(sent, &name.node, value.as_ref().map(|value| value.node.as_str()))
                .and_then(failed),
            None => failed(format!("no header is sent: {}", unsent(None))),
        },
        Expectation::Rows(expected) => match last.as_ref().map(|sent| &sent.answer) {
            Some(Answer::Admitted { rows: Some(found), .. }) => {
                let equal = u32::try_from(*found).is_ok_and(|found| found == expected.node);
                if equal {
                    return None;
                }
                failed(format!("expected {} rows, found {found}", expected.node))
            }
            Some(Answer::Admitted { .. }) => failed("the route lists nothing".to_owned()),
            other => failed(format!("no rows are shown: {}", unsent(other))),
        },
    }
}

/// With the clause that refused, if one did.
fn explained(fault: Diagnostic, evaluator: &dyn Evaluator) -> Diagnostic {
    match evaluator.refused_by() {
        Some(clause) => fault.and(clause, "decided by this"),
        None => fault,
    }
}

/// Sends the request so many times; the first answer that is not as expected ends it.
fn send(
    times: u32,
    exchange: &Exchange,
    evaluator: &mut dyn Evaluator,
    last: &mut Option<Response>,
    wrong: impl Fn(&Answer, &str) -> Option<String>,
) -> Option<String> {
    for nth in 1..=times {
        let sent = evaluator.send(exchange);
        let place = if times > 1 { format!(" at request {nth}") } else { String::new() };
        let fault = wrong(&sent.answer, &place);
        *last = Some(sent);
        if fault.is_some() {
            return fault;
        }
    }
    None
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
