//! A file with its edits made.

use std::ops::Range;

use portcullis_syntax::{Edit, Source, format};

use crate::Failure;

/// A file with its edits made; in the one layout, where it had that before. A line of which nothing is left goes
/// with what stood on it.
pub(super) fn edited(source: &Source, edits: &[&Edit]) -> Result<Source, Failure> {
    let mut text = source.text.clone();
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        let span = edit.span.start as usize..edit.span.end as usize;
        if text.get(span.clone()).is_none() {
            return Err(Failure::Said(format!("{}: an edit is out of place", source.name)));
        }
        let range = if edit.text.is_empty() { with_blank(&text, span) } else { span };
        text.replace_range(range, &edit.text);
    }
    let had_layout = format(source).is_ok_and(|formatted| formatted == source.text);
    let edited = Source { text, ..source.clone() };
    match format(&edited) {
        Ok(text) if had_layout => Ok(Source { text, ..edited }),
        _ => Ok(edited),
    }
}

/// What is taken away, with the blank that it would leave: the whole line where nothing else is on it, else the
/// spaces before it at the end of a line.
fn with_blank(text: &str, span: Range<usize>) -> Range<usize> {
    let (before, after) =
        (text.get(..span.start).unwrap_or(""), text.get(span.end..).unwrap_or(""));
    let start = before.trim_end_matches([' ', '\t']).len();
    let rest = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
    let ends = after.get(rest..).is_none_or(|rest| rest.is_empty() || rest.starts_with('\n'));
    let begins = start == 0 || before.get(..start).is_some_and(|before| before.ends_with('\n'));
    match (begins, ends) {
        (true, true) => {
            let end = (span.end + rest + 1).min(text.len());
            // Of the blank lines before and behind it, one is enough.
            let next =
                text.get(end..).and_then(|after| after.split_inclusive('\n').next()).unwrap_or("");
            let line = text.get(..start).unwrap_or("").trim_end_matches([' ', '\t', '\r', '\n']);
            let between = text.get(line.len()..start).unwrap_or("").matches('\n').count();
            let two = next.trim().is_empty() && (line.is_empty() || between > 1);
            start..if two { end + next.len() } else { end }
        }
        (false, true) => start..span.end,
        _ => span,
    }
}
