//! Coverage for people and as JSON.

use serde_json::{Map, Value, json as object};

use super::{Covered, Kind};

/// The longest text of a clause that is printed whole, in characters.
const LONGEST: usize = 70;

/// How many ways have been seen, and how many there are.
fn counted<'c>(covered: impl Iterator<Item = &'c Covered>) -> (usize, usize) {
    covered.fold((0, 0), |(seen, all), clause| {
        (seen + clause.ways.len() - clause.missing().count(), all + clause.ways.len())
    })
}

/// How much of the policy is covered; all of it, where there is nothing to decide.
pub(in crate::verb::test) fn percent(covered: &[Covered]) -> f64 {
    of(counted(covered.iter()))
}

fn of((seen, all): (usize, usize)) -> f64 {
    if all == 0 { 100.0 } else { 100.0 * seen as f64 / all as f64 }
}

/// Never rounded up: 100 % is all of it.
fn rounded(percent: f64) -> f64 {
    (percent * 10.0).floor() / 10.0
}

fn of_kind(covered: &[Covered], kind: Kind) -> (usize, usize) {
    counted(covered.iter().filter(|clause| clause.kind == kind))
}

/// A table by kind, and each clause that some way is missing of.
pub(in crate::verb::test) fn lines(covered: &[Covered]) -> Vec<String> {
    let row = |name: &str, (seen, all): (usize, usize)| {
        format!("    {name:<8} {seen:>5} of {all:<5} {:>5.1} %", rounded(of((seen, all))))
    };
    let mut lines = vec!["coverage: how each clause can come out, and has in a test".to_owned()];
    for kind in Kind::ALL {
        let counts = of_kind(covered, kind);
        if counts.1 > 0 {
            lines.push(row(kind.as_str(), counts));
        }
    }
    lines.push(row("all", counted(covered.iter())));
    for clause in covered {
        let missing = clause.missing().map(|way| way.said()).collect::<Vec<_>>();
        if missing.is_empty() {
            continue;
        }
        let Covered { file, line, kind, .. } = clause;
        let (kind, text, missing) = (kind.as_str(), shortened(clause), missing.join(", or "));
        lines.push(format!("{file}:{line}: {kind} `{text}`: in no test it {missing}"));
    }
    lines
}

fn shortened(clause: &Covered) -> String {
    match clause.text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", clause.text.get(..end).unwrap_or("").trim_end()),
        None => clause.text.clone(),
    }
}

/// One object.
pub(in crate::verb::test) fn json(covered: &[Covered]) -> Value {
    let counts = |(seen, all): (usize, usize)| object!({ "decided": seen, "all": all });
    let kinds = Kind::ALL
        .into_iter()
        .map(|kind| (kind.as_str().to_owned(), counts(of_kind(covered, kind))));
    let missing = covered.iter().filter(|clause| clause.missing().next().is_some());
    let missing = missing.map(|clause| {
        object!({
            "kind": clause.kind.as_str(),
            "file": clause.file,
            "line": clause.line,
            "column": clause.column,
            "text": clause.text,
            "missing": clause.missing().map(|way| way.as_str()).collect::<Vec<_>>(),
        })
    });
    let (seen, all) = counted(covered.iter());
    object!({
        "coverage": {
            "decided": seen,
            "all": all,
            "percent": rounded(of((seen, all))),
            "kinds": kinds.collect::<Map<_, _>>(),
            "missing": missing.collect::<Vec<_>>(),
        }
    })
}
