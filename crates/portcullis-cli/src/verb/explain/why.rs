//! Why a condition held or not: of its expressions those that settled it, with what they read.

use portcullis_compiler::plan::Plan;
use portcullis_reference::trace::{Branch, Read};
use portcullis_syntax::{Sources, Span};
use portcullis_test::Fact;

use super::asked::Asked;
use super::who;

/// What the words of an explanation are taken from.
pub(super) struct Words<'a> {
    pub(super) sources: &'a Sources,
    pub(super) plan: &'a Plan,
    pub(super) asked: &'a Asked,
    pub(super) who: &'a who::Who<'a>,
}

impl Words<'_> {
    /// The text of a clause on one line.
    pub(super) fn text(&self, span: Span) -> String {
        text(self.sources, span)
    }

    /// The expressions that settled a condition, one a line. `row` counts the rows of a list.
    pub(super) fn why(&self, branches: &[Branch], row: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for branch in branches {
            self.settled(branch, "", row, &mut lines);
        }
        lines
    }

    fn settled(&self, branch: &Branch, before: &str, row: usize, lines: &mut Vec<String>) {
        let text = self.text(branch.span);
        if branch.branches.is_empty() {
            lines.push(self.leaf(branch, &format!("{before}`{text}`"), row));
            return;
        }
        let is_predicate = text.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
        let before = if is_predicate { format!("{before}`{text}`: ") } else { before.to_owned() };
        // Those that are as the whole is settled it; of a `not` none is, and its one operand did.
        let alike = branch.branches.iter().any(|inner| inner.held == branch.held);
        for inner in branch.branches.iter().filter(|inner| !alike || inner.held == branch.held) {
            self.settled(inner, &before, row, lines);
        }
    }

    fn leaf(&self, branch: &Branch, text: &str, row: usize) -> String {
        let said = match branch.held {
            Some(true) => "was true",
            Some(false) => "was false",
            None => "could not be decided: a value is missing or of another type than declared",
        };
        let mut line = format!("{text} {said}");
        let words = self.text(branch.span);
        if words.starts_with("caller is ") {
            line.push_str(&format!(": the caller {}", self.who.roles_in_words()));
        } else if words.starts_with("caller can ") {
            line.push_str(&format!(": the caller {}", self.who.permissions_in_words()));
        }
        let mut read = self.reads(&branch.reads, row);
        if words.split(' ').any(|word| matches!(word, "within" | "older" | "now")) {
            let now = portcullis_compiler::plan::time_text(self.asked.exchange.now);
            read.push(format!("`now` is {now}"));
        }
        if !read.is_empty() {
            line.push_str(&format!(", where {}", read.join(" and ")));
        }
        if branch.reads.is_empty() && words.contains("caller.") && self.who.is_nobody() {
            line.push_str(": nobody calls, and what compares with nobody is false");
        }
        line
    }

    /// What was read, in words.
    pub(super) fn reads(&self, reads: &[Read], row: usize) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        for read in reads {
            let path = self.text(read.span);
            let line = if read.value == Fact::Absent {
                format!("`{path}` is absent")
            } else if self.asked.is_given(&path, row) {
                format!("`{path}` is {}", value(&read.value))
            } else {
                format!("`{path}` is made up")
            };
            if !said.contains(&line) {
                said.push(line);
            }
        }
        said
    }
}

/// The text of a clause on one line; of a block only what stands before it.
pub(super) fn text(sources: &Sources, span: Span) -> String {
    let whole = sources.slice(span);
    let words = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(100) {
        Some((at, _)) => format!("{}…", words.get(..at).unwrap_or("")),
        None => words,
    }
}

/// A value as a test writes it.
fn value(fact: &Fact) -> String {
    match fact {
        Fact::Uuid(bits) => {
            let hex = format!("{bits:032x}");
            let part = |from, to| hex.get(from..to).unwrap_or("");
            let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
            format!("\"{}\"", parts.join("-"))
        }
        Fact::Text(text) => format!("\"{}\"", text.escape_debug()),
        Fact::List(facts) => {
            format!("[{}]", facts.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Fact::Bool(value) => value.to_string(),
        Fact::Int(value) => value.to_string(),
        Fact::Number(value) => value.to_string(),
        Fact::Ip(address) => address.to_string(),
        Fact::Network(address, prefix) => format!("{address}/{prefix}"),
        Fact::Time(nanos) => portcullis_compiler::plan::time_text(*nanos),
        Fact::Duration(nanos) => long(i128::from(*nanos)),
        Fact::Absent => "none".to_owned(),
        Fact::Object(_) => "an object".to_owned(),
    }
}

/// `14m 3s`: begun seconds, in the units of the language.
pub(super) fn long(nanos: i128) -> String {
    let mut left = (nanos.max(0) + 999_999_999) / 1_000_000_000;
    let mut parts = Vec::new();
    for (seconds, unit) in [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")] {
        let count = left / seconds;
        left %= seconds;
        if count > 0 {
            parts.push(format!("{count}{unit}"));
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}
