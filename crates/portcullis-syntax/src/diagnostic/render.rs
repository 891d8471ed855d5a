//! Diagnostics as text for people.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Label, Severity};
use crate::grammar;
use crate::{FileId, Source, Sources, Span};

/// Whether the text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For files and pipes.
    Plain,
    /// For a terminal.
    Coloured,
}

/// The longest line that is printed whole, in bytes.
const LONGEST_LINE: usize = 1000;
/// How far apart the places are that are shown in one window, in bytes. The renderer walks over all that is between
/// them: of a thousand names that stand twice in a file, each pair would be half of the file.
const FARTHEST: u32 = 16 << 10;

/// Renders one diagnostic with the lines it speaks of. The last line has no line break.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.as_str());
    let mut report = with_lines(Group::with_title(title), &diagnostic.labels, sources);
    if let Some(help) = &diagnostic.help {
        report = report.element(Level::HELP.message(help.as_str()));
    }
    renderer(style).render(&[report])
}

/// Renders the lines that labels speak of, with the labels and nothing else. The last line has no line break.
#[must_use]
pub fn excerpt(labels: &[Label], sources: &Sources, style: Style) -> String {
    renderer(style).render(&[with_lines(Group::with_level(Level::NOTE), labels, sources)])
}

fn renderer(style: Style) -> Renderer {
    match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    }
}

/// Adds the lines of each file that a label is in, those that are far apart by themselves.
fn with_lines<'a>(mut report: Group<'a>, labels: &'a [Label], sources: &'a Sources) -> Group<'a> {
    let mut windows: Vec<Vec<(usize, &'a Label)>> = Vec::new();
    for (position, label) in labels.iter().enumerate() {
        let span = label.span;
        let near = |of: &Span| of.file == span.file && of.start.abs_diff(span.start) <= FARTHEST;
        let first = |shown: &&mut Vec<(usize, &Label)>| {
            shown.first().is_some_and(|(_, label)| near(&label.span))
        };
        match windows.iter_mut().find(first) {
            Some(shown) => shown.push((position, label)),
            None => windows.push(vec![(position, label)]),
        }
    }
    let mut shown: Vec<FileId> = Vec::new();
    for labels in windows {
        let Some(file) = labels.first().map(|(_, label)| label.span.file) else { continue };
        let Some(source) = sources.file(file) else { continue };
        let window = window(&labels, source);
        // Beside the place itself, a line that nobody could have written by hand says nothing more.
        if shown.contains(&file) && !is_written(source.text.get(window.clone()).unwrap_or("")) {
            continue;
        }
        shown.push(file);
        report = report.element(snippet(&labels, window, (source, file), sources));
    }
    report
}

/// The lines of one file with labels in it; the first label of all is the place itself.
fn snippet<'a>(
    labels: &[(usize, &'a Label)],
    window: Range<usize>,
    (source, file): (&'a Source, FileId),
    sources: &Sources,
) -> Snippet<'a, Annotation<'a>> {
    let text = source.text.get(window.clone()).unwrap_or("");
    let text = starred(text);
    let (first_line, _) = sources.position(file, u32::try_from(window.start).unwrap_or(u32::MAX));
    let annotations = labels.iter().filter_map(|(position, label)| {
        let kind = if *position == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let span = on_one_line(&source.text, label.span);
        if span.start < window.start || span.end > window.end {
            return None;
        }
        let text = (!label.text.is_empty()).then_some(label.text.as_str());
        Some(kind.span(span.start - window.start..span.end - window.start).label(text))
    });
    Snippet::source(text)
        .path(source.name.as_str())
        .line_start(first_line as usize)
        .annotations(annotations)
}

/// The text with all that looks like a secret made unreadable, whatever the diagnostic is about: what is
/// printed ends up in logs. Byte for byte, so that the labels still stand where they did.
fn starred(text: &str) -> Cow<'_, str> {
    let mut starred = Cow::Borrowed(text);
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('"')).map(|start| at + start) {
        let end = start + 1 + quoted(text.get(start + 1..).unwrap_or(""));
        let token = text.get(start..end).unwrap_or("");
        if grammar::secret(token).is_some() {
            starred.to_mut().replace_range(start..end, &"*".repeat(token.len()));
        }
        at = end;
    }
    starred
}

/// How long a text is behind its first quote, with its last one; up to the end of the line where there
/// is none.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'\n' => return at,
            b'"' if !escaped => return at + 1,
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    rest.len()
}

/// The whole lines from the first label in a file to the last: a file may be long, and the
/// renderer walks over all that it is given. It prints whole lines too; of one that nobody could
/// have written by hand, only the part up to the place itself is shown.
fn window(labels: &[(usize, &Label)], source: &Source) -> Range<usize> {
    let text = source.text.as_str();
    let labels = labels.iter().map(|(_, label)| label.span);
    let spans: Vec<Range<usize>> = labels.map(|span| on_one_line(text, span)).collect();
    let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(0);
    let window = line_start(text, start)..line_end(text, end);
    if is_written(text.get(window.clone()).unwrap_or("")) {
        return window;
    }
    let place = spans.first().cloned().unwrap_or(0..0);
    let start = line_start(text, place.start);
    start..line_end(text, place.end).min(floor(text, place.start + LONGEST_LINE))
}

/// Whether no line is longer than one that is printed whole.
fn is_written(lines: &str) -> bool {
    lines.split('\n').all(|line| line.len() <= LONGEST_LINE)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |line| line + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |line| at + line)
}

/// What a span covers of the line that it begins on, cut to whole characters.
fn on_one_line(text: &str, span: Span) -> Range<usize> {
    let start = floor(text, span.start as usize);
    let end = floor(text, span.end as usize).max(start);
    let covered = text.get(start..end).unwrap_or("");
    let line = covered.split('\n').next().unwrap_or("");
    let end = floor(text, start + line.trim_end().len().min(LONGEST_LINE));
    start..end
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
