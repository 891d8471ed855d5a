//! Diagnostics as text for people.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Label, Severity};
use crate::{Source, Sources, Span};

/// Whether the text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For files and pipes.
    Plain,
    /// For a terminal.
    Coloured,
}

/// Renders one diagnostic with the lines it speaks of. The text ends without a line break.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = level
        .primary_title(&diagnostic.message)
        .id(diagnostic.code.as_str())
        .elements(Vec::<annotate_snippets::Element<'_>>::new());
    let mut shown: Vec<u32> = Vec::new();
    for label in &diagnostic.labels {
        let file = label.span.file;
        let Some(source) = sources.file(file).filter(|_| !shown.contains(&file.0)) else {
            continue;
        };
        shown.push(file.0);
        // Labels of one file stand in one window.
        let own = diagnostic.labels.iter().enumerate().filter(|(_, label)| label.span.file == file);
        group = group.element(window(source, own));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Ascii).render(&[group]).trim_end().to_owned()
}

/// The lines of one file that labels point at, and no more: a file may be large.
fn window<'a>(
    source: &'a Source,
    labels: impl Iterator<Item = (usize, &'a Label)> + Clone,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = source.text.as_str();
    let spans = labels.clone().map(|(_, label)| bytes(text, label.span));
    let first = spans.clone().map(|span| span.start).min().unwrap_or(0);
    let last = spans.map(|span| span.end).max().unwrap_or(0);
    let start = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end =
        text.get(last..).and_then(|after| after.find('\n')).map_or(text.len(), |at| last + at);
    let line = text.get(..start).unwrap_or("").bytes().filter(|b| *b == b'\n').count() + 1;
    let shown = text.get(start..end).unwrap_or("");
    let mut snippet = Snippet::source(shown).line_start(line).path(source.name.as_str());
    for (index, label) in labels {
        let span = bytes(text, label.span);
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let mut annotation = kind.span(span.start - start..span.end - start);
        if !label.text.is_empty() {
            annotation = annotation.label(label.text.as_str());
        }
        snippet = snippet.annotation(annotation);
    }
    snippet
}

/// A span as a range that lies in the text, on the bounds of characters.
fn bytes(text: &str, span: Span) -> Range<usize> {
    let floor = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}
