//! Fields: of bodies, query strings, headers and paths.

use super::number::{default_of, numeric};
use super::text::{is_sayable, one_line, quoted};
use super::{Importer, Todo, pattern};
use crate::Error;
use crate::name::{Names, snake};
use crate::node::Node;
use crate::schema::{Kind, List, Schema, Text};
use crate::telling;

/// How long a text may be of which the description does not say it, in characters.
pub(super) const TEXT: i64 = 1_000;
/// The same of a part of a path.
const SEGMENT: i64 = 200;
/// How many elements a list may have of which the description does not say it.
pub(super) const ELEMENTS: i64 = 100;
/// How deep inputs are nested in each other, and how many fields one has with all of them.
const DEEPEST: usize = 12;
/// How many lists may stand in each other, without an object between them: one may be a list of itself.
const MOST_LISTS: usize = 8;
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
pub(super) struct Found<'n> {
    pub(super) wire: &'n str,
    pub(super) node: Option<&'n Node>,
    pub(super) required: bool,
}

/// The lines of a field: what is said of it, and itself, if the language can say it.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) lines: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) size: usize,
    pub(super) depth: usize,
}

/// What a value must be.
pub(super) struct Typed {
    kind: String,
    pub(super) constraints: Vec<String>,
    /// What is to be decided of it, behind it on its line.
    trailing: Option<String>,
    size: usize,
    depth: usize,
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
        found: Found<'n>,
        source: Source,
        place: &str,
        names: &mut Names,
    ) -> Result<Written, Error> {
        let mut written = Written { size: 1, ..Written::default() };
        let shown = one_line(found.wire);
        let at = format!("{place}, `{shown}`");
        let schema = match found.node {
            Some(node) => self.description.schema(node)?,
            None => {
                let lost = self.report.lost(&at, &format!("`{shown}` is a document of its own"));
                written.lines.push(lost);
                return Ok(written);
            }
        };
        // What only answers hold no client sends.
        if schema.read_only && source.is_written() {
            return Ok(written);
        }
        let name = snake(found.wire);
        let called = match source {
            Source::Path => true,
            Source::Header => false,
            _ => name == found.wire,
        };
        if !called && !is_sayable(found.wire) {
            let lost = self.report.lost(&at, "a field with a name like this");
            written.lines.push(lost);
            return Ok(written);
        }
        for note in &schema.notes {
            let lost = self.report.lost(&at, &format!("{note} of `{shown}`"));
            written.lines.push(lost);
        }
        self.loosened(&schema, &shown, &at, &mut written.lines);
        let Some(typed) = self.typed(&schema, &name, source, &at, &mut written.lines)? else {
            return Ok(written);
        };
        let name = names.unique(&name);
        let through = typed.constraints.iter().any(|one| one.starts_with("through"));
        let default = schema.default.filter(|_| source != Source::Path && !through);
        let default = default.and_then(|value| default_of(value, &schema.kind));
        if source.is_written() && telling::is_privileged(&name) {
            let text = format!(
                "may a client say what `{name}` is? Take it out, or add `settable when …` and bounds"
            );
            written.lines.push(self.report.todo(Todo::Settable, &text));
        }
        let plain_text = matches!(&schema.kind, Kind::Text(_)) && typed.kind == "string";
        if source != Source::Path
            && source != Source::Header
            && plain_text
            && telling::is_fetched(&name)
        {
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
        if !called && (name != found.wire || source == Source::Header) {
            line.push_str(" as ");
            line.push_str(&quoted(found.wire));
        }
        if let Some(trailing) = typed.trailing {
            line.push_str("  ");
            line.push_str(&trailing);
        }
        written.lines.push(line);
        written.name = Some(name);
        (written.size, written.depth) = (typed.size, typed.depth);
        Ok(written)
    }

    /// Tells of constraints that are not held to.
    pub(super) fn loosened(
        &mut self,
        schema: &Schema<'n>,
        of: &str,
        at: &str,
        lines: &mut Vec<String>,
    ) {
        for loose in &schema.loose {
            let text = one_line(&format!("{loose} is not held to: {of}"));
            self.report.lost(at, &text);
            lines.push(self.report.todo(Todo::Input, &text));
        }
    }

    /// The type and the constraints of a value; nothing where the language has none, which is told.
    fn typed(
        &mut self,
        schema: &Schema<'n>,
        name: &str,
        source: Source,
        at: &str,
        lines: &mut Vec<String>,
    ) -> Result<Option<Typed>, Error> {
        let why = match &schema.kind {
            Kind::Text(text) => return Ok(Some(self.text(text, name, source, at, lines))),
            Kind::Int(bounds) => return Ok(Some(numeric("int", bounds))),
            Kind::Number(bounds) => return Ok(Some(numeric("number", bounds))),
            Kind::Bool => return Ok(Some(Typed::plain("bool"))),
            Kind::List(_) if matches!(source, Source::Path | Source::Header) => {
                "a list, which stands in a body or a query string"
            }
            Kind::List(list) => return self.list(list, name, source, at, lines),
            Kind::Object(_) if source != Source::Body => {
                "an object, which stands in a JSON body alone"
            }
            Kind::Object(object) => match self.input(schema, object, name, at)? {
                Some(input) if input.depth < DEEPEST => {
                    let (size, depth) = (input.size + 1, input.depth + 1);
                    return Ok(Some(Typed { size, depth, ..Typed::plain(&input.name) }));
                }
                Some(_) => "an object, deeper than inputs are nested here",
                None => "an object nested in itself, or of fields that nothing describes",
            },
            Kind::Unknown(why) => why,
        };
        let todo = format!("`{name}` is left out, and dropped where it is sent: {why}");
        self.report.lost(at, &format!("`{name}`: {why}"));
        lines.push(self.report.todo(Todo::Input, &todo));
        Ok(None)
    }

    fn list(
        &mut self,
        list: &List<'n>,
        name: &str,
        source: Source,
        at: &str,
        lines: &mut Vec<String>,
    ) -> Result<Option<Typed>, Error> {
        let element = match list.items {
            Some(items) => {
                let schema = self.description.schema(items)?;
                let nested = matches!(schema.kind, Kind::List(_) | Kind::Object(_));
                if nested && source != Source::Body {
                    let text = format!(
                        "`{name}` is left out: a list of objects stands in a JSON body alone"
                    );
                    self.report.lost(at, &text);
                    lines.push(self.report.todo(Todo::Input, &text));
                    return Ok(None);
                }
                for note in &schema.notes {
                    let lost = self.report.lost(at, &format!("{note} of an element of `{name}`"));
                    lines.push(lost);
                }
                self.loosened(&schema, &format!("an element of `{name}`"), at, lines);
                if schema.nullable {
                    lines.push(self.report.lost(at, &format!("`null` in the list `{name}`")));
                }
                if self.lists >= MOST_LISTS {
                    let text = format!("`{name}` is left out: lists in lists without end");
                    self.report.lost(at, &text);
                    lines.push(self.report.todo(Todo::Input, &text));
                    return Ok(None);
                }
                let one = crate::name::singular(name);
                self.lists += 1;
                let element = self.typed(&schema, &one, source, at, lines);
                self.lists -= 1;
                element?
            }
            None => {
                let text = format!("`{name}` is left out: a list of anything");
                self.report.lost(at, &text);
                lines.push(self.report.todo(Todo::Input, &text));
                None
            }
        };
        let Some(element) = element else { return Ok(None) };
        let mut kind = format!("[{}", element.kind);
        for constraint in &element.constraints {
            kind.push(' ');
            kind.push_str(constraint);
        }
        kind.push(']');
        let mut trailing = element.trailing;
        let (min, max) = (list.min, list.max);
        let max = match (min, max) {
            (Some(min), Some(max)) if min > max => None,
            (_, max) => max,
        };
        let bound = max.unwrap_or_else(|| {
            trailing = Some(self.report.todo(Todo::Bound, "how many?"));
            ELEMENTS.max(min.unwrap_or(0))
        });
        let constraints = vec![match min.filter(|min| *min > 0) {
            Some(min) => format!("{min}..{bound}"),
            None => format!("max {bound}"),
        }];
        let (size, depth) = (element.size + 1, element.depth);
        Ok(Some(Typed { kind, constraints, trailing, size, depth }))
    }

    fn text(
        &mut self,
        found: &Text<'n>,
        name: &str,
        source: Source,
        at: &str,
        lines: &mut Vec<String>,
    ) -> Typed {
        let mut typed = Typed::plain("string");
        let options: Vec<String> =
            found.options.iter().filter(|text| is_sayable(text)).map(|text| quoted(text)).collect();
        if options.len() < found.options.len() {
            lines.push(self.report.lost(at, &format!("some values of `{name}`")));
        }
        if !options.is_empty() {
            typed.constraints.push(format!("one of [{}]", options.join(", ")));
            return typed;
        }
        let mut bounded = true;
        match found.format.unwrap_or("") {
            "uuid" => return Typed::plain("uuid"),
            "date-time" => return Typed::plain("time"),
            "ipv4" | "ipv6" | "ip" => return Typed::plain("ip"),
            "uri" | "url" => {
                let mut typed = Typed::plain("url");
                if source != Source::Header && source != Source::Path {
                    self.fetches = true;
                    typed.constraints.push("through fetched".to_owned());
                    let text =
                        format!("if `{name}` is only kept and never fetched, take `through` away");
                    typed.trailing = Some(self.report.todo(Todo::Fetch, &text));
                }
                return typed;
            }
            "date" => typed.constraints.push("date".to_owned()),
            "email" | "idn-email" => typed.constraints.push("email".to_owned()),
            known => {
                bounded = false;
                // These say how a text is shown, and nothing of what it is.
                if !["", "password", "string", "text", "hostname"].contains(&known) {
                    let lost = self.report.lost(at, &format!("the format `{known}` of `{name}`"));
                    lines.push(lost);
                }
            }
        }
        if let Some(pattern) = found.pattern {
            match pattern::translated(pattern) {
                Ok(pattern) => {
                    bounded |= pattern.bounded;
                    typed.constraints.push(format!("matching /{}/", pattern.text));
                }
                Err(why) => {
                    self.report.lost(at, &format!("the pattern of `{name}`: {why}"));
                    let text = format!("the pattern of `{name}` is not held to: {why}");
                    lines.push(self.report.todo(Todo::Input, &text));
                }
            }
        }
        let min = found.min.filter(|min| *min > 0);
        let max = found.max.filter(|max| min.is_none_or(|min| min <= *max));
        let bound = match (max, found.format) {
            (Some(max), _) => Some(max),
            (None, _) if bounded => None,
            (None, Some("hostname")) => Some(253.max(min.unwrap_or(0))),
            (None, _) => {
                let text = "how long?";
                typed.trailing = Some(self.report.todo(Todo::Bound, text));
                let longest = if source == Source::Path { SEGMENT } else { TEXT };
                Some(longest.max(min.unwrap_or(0)))
            }
        };
        match (min, bound) {
            (Some(min), Some(max)) => typed.constraints.insert(0, format!("{min}..{max}")),
            (None, Some(max)) => typed.constraints.insert(0, format!("max {max}")),
            (Some(min), None) => typed.constraints.insert(0, format!("min {min}")),
            (None, None) => {}
        }
        typed
    }
}
