//! Fields: of bodies, query strings, headers and paths.

use super::number::default_of;
use super::text::{is_sayable, one_line, quoted};
use super::value::Untyped;
use super::{Importer, Todo};
use crate::Error;
use crate::name::{Names, snake};
use crate::node::Node;
use crate::schema::{Kind, Text};
use crate::telling;

/// How long a text may be of which the description does not say it, in characters.
pub(super) const TEXT: i64 = 1_000;
/// How many elements a list may have of which the description does not say it.
pub(super) const ELEMENTS: i64 = 100;
/// How many fields an input has, with those of all that is nested in it.
pub(super) const MOST_FIELDS: usize = 1_500;

/// Where a field stands, which says what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Body,
    Form,
    Query,
    Header,
    Path,
}

impl Source {
    /// Whether its values are sent to change something.
    fn is_written(self) -> bool {
        matches!(self, Source::Body | Source::Form)
    }
}

/// A field of a description.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'f, 'n> {
    pub(super) wire: &'n str,
    /// The schemas that hold of it together; nothing where it is a document of its own.
    pub(super) nodes: Option<&'f [&'n Node]>,
    pub(super) required: bool,
}

/// The lines of a field: what is said of it, and itself, if the language can say it.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) lines: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) size: usize,
    pub(super) depth: usize,
    /// Whether nothing meets it, and no field can say so.
    pub(super) shut: bool,
}

/// What a value must be.
pub(super) struct Typed {
    pub(super) kind: String,
    pub(super) constraints: Vec<String>,
    /// What is to be decided of it, behind it on its line.
    pub(super) trailing: Option<String>,
    pub(super) size: usize,
    pub(super) depth: usize,
}

impl Typed {
    pub(super) fn plain(kind: &str) -> Typed {
        Typed { kind: kind.to_owned(), constraints: Vec::new(), trailing: None, size: 1, depth: 0 }
    }
}

impl<'n> Importer<'n> {
    /// Writes one field.
    pub(super) fn field(
        &mut self,
        found: Found<'_, 'n>,
        source: Source,
        place: &str,
        names: &mut Names,
    ) -> Result<Written, Error> {
        let mut written = Written { size: 1, ..Written::default() };
        let shown = one_line(found.wire);
        let at = format!("{place}, `{shown}`");
        // A second one of this name is called otherwise here, and outside as it was.
        let name = match source {
            Source::Path => snake(found.wire),
            _ => names.like(&snake(found.wire)),
        };
        let called = match source {
            Source::Path => true,
            Source::Header => false,
            _ => name == found.wire,
        };
        if !called && !is_sayable(found.wire) {
            let lost = self.report.lost(&at, "a field with a name like this");
            written.lines.push(lost);
            // What must be sent and cannot be asked for would be missing.
            written.shut = found.required && source != Source::Path;
            return Ok(written);
        }
        let wire = match called {
            true => String::new(),
            false => format!(" as {}", quoted(found.wire)),
        };
        let Some(nodes) = found.nodes else {
            let lost = self.report.lost(&at, &format!("`{shown}` is a document of its own"));
            written.lines.push(lost);
            if found.required {
                self.unsent(&name, "a document of its own", &wire, found, source, &mut written);
                names.unique(&name);
            }
            return Ok(written);
        };
        let schema = self.description.schema_of(nodes)?;
        // What only answers hold no client sends.
        if schema.read_only && source.is_written() {
            return Ok(written);
        }
        for note in &schema.notes {
            let lost = self.report.lost(&at, &format!("{note} of `{shown}`"));
            written.lines.push(lost);
        }
        let typed = match schema.never.first() {
            Some(never) => Err(Untyped::Never(never.clone())),
            None => self.typed(&schema, &name, source, &at, &mut written.lines)?,
        };
        let typed = match typed {
            Ok(typed) => typed,
            // It is dropped where it is sent, so that nobody is handed what nobody checked.
            Err(Untyped::Unsaid(why)) if !found.required || source == Source::Path => {
                let text = format!("`{name}` is left out, and dropped where it is sent: {why}");
                self.report.lost(&at, &format!("`{name}`: {why}"));
                written.lines.push(self.report.todo(Todo::Input, &text));
                return Ok(written);
            }
            Err(Untyped::Unsaid(why) | Untyped::Never(why)) => {
                self.report.lost(&at, &format!("`{name}`: {why}"));
                self.unsent(&name, &why, &wire, found, source, &mut written);
                names.unique(&name);
                return Ok(written);
            }
        };
        names.unique(&name);
        let through = typed.constraints.iter().any(|one| one.starts_with("through"));
        // What must be sent has no value that stands for it.
        let default =
            schema.default.filter(|_| source != Source::Path && !through && !found.required);
        let default = default.and_then(|value| default_of(value, &schema.kind));
        if source.is_written() && telling::is_privileged(&name) {
            let text = format!(
                "may a client say what `{name}` is? Take it out, or add `settable when …` and bounds"
            );
            written.lines.push(self.report.todo(Todo::Settable, &text));
        }
        let is_url = |text: &Text<'_>| matches!(text.format, Some("uri" | "url"));
        let fetched = matches!(&schema.kind, Kind::Text(text) if typed.kind == "string"
            && (is_url(text) || telling::is_fetched(&name)));
        if source != Source::Path && source != Source::Header && fetched {
            let text = format!(
                "does the service fetch `{name}`? Then make it `url through OUTBOUND`, or a client \
                 chooses what it reaches inside"
            );
            written.lines.push(self.report.todo(Todo::Fetch, &text));
        }
        let mut line = format!("{name}: {}", typed.kind);
        if !found.required && default.is_none() && source != Source::Path {
            line.push('?');
        }
        if schema.nullable && source == Source::Body {
            line.push_str(" or null");
        }
        for constraint in &typed.constraints {
            line.push(' ');
            line.push_str(constraint);
        }
        if let Some(default) = default {
            line.push_str(" default ");
            line.push_str(&default);
        }
        line.push_str(&wire);
        if let Some(trailing) = typed.trailing {
            line.push_str("  ");
            line.push_str(&trailing);
        }
        written.lines.push(line);
        written.name = Some(name);
        (written.size, written.depth) = (typed.size, typed.depth);
        Ok(written)
    }

    /// A field that nobody may send: nothing meets what is asked of it, or the language cannot ask it.
    fn unsent(
        &mut self,
        name: &str,
        why: &str,
        wire: &str,
        found: Found<'_, 'n>,
        source: Source,
        written: &mut Written,
    ) {
        let what = if found.required { "and must be there" } else { "until this says what it is" };
        let text = format!("nobody may send `{name}`, {what}: {}", one_line(why));
        written.lines.push(self.report.todo(Todo::Input, &text));
        if source == Source::Path {
            written.shut = true;
            return;
        }
        let optional = if found.required { "" } else { "?" };
        written.lines.push(format!("{name}: string{optional} max 1 settable when false{wire}"));
        written.name = Some(name.to_owned());
    }
}
