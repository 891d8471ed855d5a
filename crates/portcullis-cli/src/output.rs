//! What goes to the terminal, a pipe or a file.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use clap::builder::styling::AnsiColor;
use portcullis_compiler::Compilation;
use portcullis_syntax::ast::Item;
use portcullis_syntax::diagnostic::{Style, excerpt, render};
use portcullis_syntax::{Code, Diagnostic, Label, Severity, Sources};
use portcullis_test::Side;
use serde_json::Value;

use crate::shown;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object a line and finding.
    Json,
}

/// Standard output and error. What acts on a terminal is spelt out in all that goes there, but for what is
/// whole as it is.
pub(crate) struct Output {
    style: Style,
    /// Whether its reader is gone.
    unread: bool,
    /// Whether standard output holds a file, and what is said goes beside it.
    beside: bool,
}

impl Output {
    pub(crate) fn new(colour: Colour) -> Output {
        // https://no-color.org: set and not empty.
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let coloured = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => io::stdout().is_terminal() && !unwanted,
        };
        let style = if coloured { Style::Coloured } else { Style::Plain };
        Output { style, unread: false, beside: false }
    }

    /// Says all that follows on standard error: standard output is one file, and nothing else.
    pub(crate) fn say_beside(&mut self) {
        self.beside = true;
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        self.put(&shown::line(text))
    }

    /// Writes several lines.
    pub(crate) fn lines(&mut self, text: &str) -> io::Result<()> {
        self.put(&shown::lines(text))
    }

    /// Writes JSON.
    pub(crate) fn json(&mut self, text: &str) -> io::Result<()> {
        self.put(&shown::json(text))
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        let written = match self.beside {
            false => writeln!(io::stdout().lock(), "{text}"),
            true => writeln!(io::stderr().lock(), "{text}"),
        };
        self.read(written)
    }

    /// Writes what is whole to standard output, as it is.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut output = io::stdout().lock();
        let written = output.write_all(bytes).and_then(|()| output.flush());
        drop(output);
        self.read(written)
    }

    /// Whether anybody reads it. Who does not, as under `| head`, has still asked for a verdict, and for the files
    /// that are to be written.
    pub(crate) fn is_read(&self) -> bool {
        !self.unread
    }

    fn read(&mut self, written: io::Result<()>) -> io::Result<()> {
        match written {
            Err(why) if why.kind() == io::ErrorKind::BrokenPipe => {
                self.unread = true;
                Ok(())
            }
            written => written,
        }
    }

    /// Writes a line to standard error, if anybody reads it.
    pub(crate) fn complain(&mut self, text: &str) {
        // There is no third place to say that the second one is gone.
        let _ = writeln!(io::stderr().lock(), "{}", shown::line(text));
    }

    /// Writes a finding.
    pub(crate) fn finding(
        &mut self,
        format: Format,
        diagnostic: &Diagnostic,
        sources: &Sources,
    ) -> io::Result<()> {
        match format {
            Format::Human => {
                let spelt = shown::finding(diagnostic, sources);
                let (diagnostic, sources) =
                    spelt.as_ref().map_or((diagnostic, sources), |(d, s)| (d, s));
                self.put(&format!("{}\n", render(diagnostic, sources, self.style)))
            }
            Format::Json => self.json(&json(diagnostic, sources).to_string()),
        }
    }

    /// Writes the lines that a label speaks of.
    pub(crate) fn excerpt(&mut self, label: Label, sources: &Sources) -> io::Result<()> {
        let labelled = Diagnostic::note(Code::Syntax, label.span, "").label(label.text);
        let spelt = shown::finding(&labelled, sources);
        let (labelled, sources) = spelt.as_ref().map_or((&labelled, sources), |(d, s)| (d, s));
        self.put(&excerpt(&labelled.labels, sources, self.style))
    }

    /// Writes a line of a difference, in the colour of its side.
    pub(crate) fn marked(&mut self, side: Side, text: &str) -> io::Result<()> {
        let colour = match side {
            Side::Expected => AnsiColor::Red,
            Side::Found => AnsiColor::Green,
            Side::Both => return self.line(text),
        };
        match self.style {
            Style::Plain => self.line(text),
            Style::Coloured => {
                let style = colour.on_default();
                self.put(&format!("{style}{}{style:#}", shown::line(text)))
            }
        }
    }
}

/// A finding as an object.
pub(crate) fn json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let span = diagnostic.span();
    let position = |end: bool| {
        span.map_or((1, 1), |span| {
            sources.position(span.file, if end { span.end } else { span.start })
        })
    };
    let ((line, column), (end_line, end_column)) = (position(false), position(true));
    let file = span.and_then(|span| sources.file(span.file)).map_or("", |file| file.name.as_str());
    serde_json::json!({
        "code": diagnostic.code.as_str(),
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": file,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    })
}

/// `3 errors, 1 warning`; nothing where there is nothing.
pub(crate) fn count(diagnostics: &[Diagnostic]) -> Option<String> {
    let parts =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(|severity| {
            let found = diagnostics.iter().filter(|found| found.severity == severity).count();
            (found > 0).then(|| several(found, severity.as_str()))
        });
    let parts = parts.collect::<Vec<_>>();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `2 invariants not proved`, so that nobody takes what is only read for what holds; nothing where
/// the policy has none.
pub(crate) fn unproved(compilation: &Compilation) -> Option<String> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let stated = items.filter(|item| matches!(item, Item::Invariant(_))).count();
    (stated > 0).then(|| format!("{} not proved", several(stated, "invariant")))
}

/// `1 file`, `2 files`
pub(crate) fn several(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
