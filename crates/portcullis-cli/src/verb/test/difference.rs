//! What was expected and what came, as lines for people and as JSON.

use portcullis_compiler::plan::time_text;
use portcullis_syntax::Sources;
use portcullis_test::{Difference, Side};
use serde_json::{Value, json};

/// The request, who sent it, and the two answers, each line with its mark.
pub(super) fn lines(difference: &Difference, sources: &Sources) -> Vec<(Side, String)> {
    let mut lines =
        vec![(Side::Both, format!("request {}: {}", difference.nth, difference.request))];
    lines.push((Side::Both, caller(difference, sources)));
    lines.extend(difference.at.map(|at| (Side::Both, format!("at {}", time_text(at)))));
    let said = difference.lines.iter();
    lines.extend(said.map(|line| (line.side, format!("{} {}", line.side.mark(), line.text))));
    lines.into_iter().map(|(side, line)| (side, format!("    {line}"))).collect()
}

pub(super) fn json(difference: &Difference, sources: &Sources) -> Value {
    let side = |sides: [Side; 2]| {
        let lines = difference.lines.iter().filter(|line| sides.contains(&line.side));
        lines.map(|line| line.text.as_str()).collect::<Vec<_>>()
    };
    json!({
        "request": difference.request,
        "nth": difference.nth,
        "caller": caller(difference, sources),
        "at": difference.at.map(time_text),
        "expected": side([Side::Expected, Side::Both]),
        "found": side([Side::Found, Side::Both]),
    })
}

/// The caller in the words of the test, on one line.
fn caller(difference: &Difference, sources: &Sources) -> String {
    match difference.caller {
        Some(span) => sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" "),
        None => "no caller".to_owned(),
    }
}
