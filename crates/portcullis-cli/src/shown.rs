//! Words of others on a terminal. A policy, the name of a file and an argument may hold what a terminal obeys:
//! it is spelt out, so that what is read is what is there.

use std::borrow::Cow;

use portcullis_syntax::{Diagnostic, Source, Sources};

/// A text of one line.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    spelt(text, acts, |found| found.escape_default().to_string())
}

/// A text of several lines, in which tabs may stand.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    let acts = |found| acts(found) && !matches!(found, '\n' | '\t');
    spelt(text, acts, |found| found.escape_default().to_string())
}

/// JSON, which stays the same JSON: what acts stands in its texts alone, but for white space between them.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let acts = |found| acts(found) && !matches!(found, '\n' | '\t' | '\r');
    spelt(text, acts, |found| format!("\\u{:04x}", u32::from(found)))
}

/// A finding with the names of its files, where there is anything to spell out: the renderer does so for the
/// lines of a policy, and not for the rest.
pub(crate) fn finding(diagnostic: &Diagnostic, sources: &Sources) -> Option<(Diagnostic, Sources)> {
    let labels = || diagnostic.labels.iter();
    let files = labels().filter_map(|label| sources.file(label.span.file));
    let texts = labels().map(|label| &label.text).chain(&diagnostic.help);
    let mut all = files.map(|file| &file.name).chain(texts).chain([&diagnostic.message]);
    if !all.any(|text| text.contains(acts)) {
        return None;
    }
    let mut diagnostic = diagnostic.clone();
    let labels = diagnostic.labels.iter_mut().map(|label| &mut label.text);
    for text in labels.chain(&mut diagnostic.help).chain([&mut diagnostic.message]) {
        *text = lines(text).into_owned();
    }
    let mut named = Sources::new();
    for (_, source) in sources.iter() {
        named.add(Source { name: line(&source.name).into_owned(), ..source.clone() });
    }
    Some((diagnostic, named))
}

/// Whether a terminal would obey a character: the control characters, and those that turn the direction of
/// the text (UAX #9, 2), behind which a line says something else than it shows. A byte order mark shows nothing.
fn acts(found: char) -> bool {
    found.is_control()
        || matches!(
            found,
            '\u{feff}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

fn spelt(
    text: &str,
    acts: impl Fn(char) -> bool,
    escaped: impl Fn(char) -> String,
) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let spelt = text.chars().map(|found| match acts(found) {
        true => escaped(found),
        false => found.to_string(),
    });
    Cow::Owned(spelt.collect())
}
