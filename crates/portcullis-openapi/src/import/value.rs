//! Values: their types and constraints.

use super::field::{ELEMENTS, Source, TEXT, Typed};
use super::number::numeric;
use super::text::{is_sayable, quoted};
use super::{Importer, Todo, pattern};
use crate::Error;
use crate::schema::{Kind, List, Schema, Text};

/// How long a part of a path may be of which the description does not say it, in characters.
const SEGMENT: i64 = 200;
/// How deep inputs are nested in each other.
const DEEPEST: usize = 12;
/// How many lists may stand in each other, without an object between them: one may be a list of itself.
const MOST_LISTS: usize = 8;

/// Why a value has no type.
pub(super) enum Untyped {
    /// No type of the language says what it is.
    Unsaid(String),
    /// Nothing meets what is asked of it, or the language cannot ask it.
    Never(String),
}

impl<'n> Importer<'n> {
    /// The type and the constraints of a value; why it has none, otherwise.
    pub(super) fn typed(
        &mut self,
        schema: &Schema<'n>,
        name: &str,
        source: Source,
        at: &str,
        lines: &mut Vec<String>,
    ) -> Result<Result<Typed, Untyped>, Error> {
        let why = match &schema.kind {
            Kind::Text(text) => return Ok(self.text(text, name, source, at, lines)),
            Kind::Int(bounds) => return Ok(numeric("int", bounds)),
            Kind::Number(bounds) => return Ok(numeric("number", bounds)),
            Kind::Bool(only) => {
                let mut typed = Typed::plain("bool");
                typed.constraints.extend(only.map(|only| format!("one of [{only}]")));
                return Ok(Ok(typed));
            }
            Kind::List(_) if matches!(source, Source::Path | Source::Header) => {
                "a list, which stands in a body or a query string"
            }
            Kind::List(list) => return self.list(list, name, source, at, lines),
            Kind::Object(_) if source != Source::Body => {
                "an object, which stands in a JSON body alone"
            }
            Kind::Object(object) => match self.input(schema, object, name, at)? {
                Some(input) if input.shut => "an object of which a field cannot be asked for",
                Some(input) if input.depth < DEEPEST => {
                    let (size, depth) = (input.size + 1, input.depth + 1);
                    return Ok(Ok(Typed { size, depth, ..Typed::plain(&input.name) }));
                }
                Some(_) => "an object, deeper than inputs are nested here",
                None => "an object nested in itself, or of fields that nothing describes",
            },
            Kind::Unknown(why) => why,
        };
        Ok(Err(Untyped::Unsaid(why.to_owned())))
    }

    fn list(
        &mut self,
        list: &List<'n>,
        name: &str,
        source: Source,
        at: &str,
        lines: &mut Vec<String>,
    ) -> Result<Result<Typed, Untyped>, Error> {
        let unsaid = |why: &str| Ok(Err(Untyped::Unsaid(why.to_owned())));
        if list.items.is_empty() {
            return unsaid("a list of anything");
        }
        let schema = self.description.schema_of(&list.items)?;
        if matches!(schema.kind, Kind::List(_) | Kind::Object(_)) && source != Source::Body {
            return unsaid("a list of objects stands in a JSON body alone");
        }
        for note in &schema.notes {
            lines.push(self.report.lost(at, &format!("{note} of an element of `{name}`")));
        }
        if let Some(never) = schema.never.first() {
            return Ok(Err(Untyped::Never(format!("{never} of its elements"))));
        }
        if schema.nullable {
            lines.push(self.report.lost(at, &format!("`null` in the list `{name}`")));
        }
        if self.lists >= MOST_LISTS {
            return unsaid("lists in lists without end");
        }
        let one = crate::name::singular(name);
        self.lists += 1;
        let element = self.typed(&schema, &one, source, at, lines);
        self.lists -= 1;
        let element = match element? {
            Ok(element) => element,
            Err(why) => return Ok(Err(why)),
        };
        let mut kind = format!("[{}", element.kind);
        for constraint in &element.constraints {
            kind.push(' ');
            kind.push_str(constraint);
        }
        kind.push(']');
        let mut trailing = element.trailing;
        let (min, max) = (list.min, list.max);
        let bound = max.unwrap_or_else(|| {
            trailing = Some(self.report.todo(Todo::Bound, "how many?"));
            ELEMENTS.max(min.unwrap_or(0))
        });
        let constraints = vec![match min.filter(|min| *min > 0) {
            Some(min) => format!("{min}..{bound}"),
            None => format!("max {bound}"),
        }];
        let (size, depth) = (element.size + 1, element.depth);
        Ok(Ok(Typed { kind, constraints, trailing, size, depth }))
    }

    /// The one of several that a text must be.
    fn options(
        &mut self,
        found: &Text<'n>,
        name: &str,
        at: &str,
        lines: &mut Vec<String>,
    ) -> Result<Typed, Untyped> {
        let mut options = found.options.clone();
        for pattern in &found.patterns {
            match pattern::translated(pattern) {
                Ok(pattern) => options.retain(|text| pattern.is_in(text)),
                Err(why) => lines.push(self.unheld(name, why, at)),
            }
        }
        let count = options.len();
        options.retain(|text| is_sayable(text));
        if options.is_empty() {
            let why = "an `enum` of which no value can be said, or meets its pattern";
            return Err(Untyped::Never(why.to_owned()));
        }
        if options.len() < count {
            lines.push(self.report.lost(at, &format!("some values of `{name}`")));
        }
        let mut typed = Typed::plain("string");
        let options: Vec<String> = options.into_iter().map(quoted).collect();
        typed.constraints.push(format!("one of [{}]", options.join(", ")));
        Ok(typed)
    }

    /// A pattern that the language has not: what is asked beside it is all that is asked.
    fn unheld(&mut self, name: &str, why: &str, at: &str) -> String {
        self.report.lost(at, &format!("the pattern of `{name}`: {why}"));
        self.report.todo(Todo::Input, &format!("the pattern of `{name}` is not held to: {why}"))
    }

    fn text(
        &mut self,
        found: &Text<'n>,
        name: &str,
        source: Source,
        at: &str,
        lines: &mut Vec<String>,
    ) -> Result<Typed, Untyped> {
        if !found.options.is_empty() {
            return self.options(found, name, at, lines);
        }
        let mut typed = Typed::plain("string");
        let mut bounded = true;
        // Looser here than there.
        let format = found.format.unwrap_or("");
        if let "ipv4" | "ipv6" | "hostname" = format {
            let what = match format {
                "hostname" => format!("the format `hostname` of `{name}`"),
                _ => format!("the format `{format}` of `{name}`: any address is taken"),
            };
            lines.push(self.report.lost(at, &what));
        }
        match format {
            "uuid" => return Ok(Typed::plain("uuid")),
            "date-time" if found.is_typed() => return Ok(Typed::plain("time")),
            "date-time" => typed.constraints.push("time".to_owned()),
            "ipv4" | "ipv6" | "ip" if found.is_typed() => return Ok(Typed::plain("ip")),
            "ipv4" | "ipv6" | "ip" => typed.constraints.push("ip".to_owned()),
            "uri" | "url" if found.is_typed() => {
                let mut typed = Typed::plain("url");
                if source != Source::Header && source != Source::Path {
                    self.fetches = true;
                    typed.constraints.push("through fetched".to_owned());
                    let text =
                        format!("if `{name}` is only kept and never fetched, take `through` away");
                    typed.trailing = Some(self.report.todo(Todo::Fetch, &text));
                }
                return Ok(typed);
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
        for pattern in &found.patterns {
            match pattern::translated(pattern) {
                Ok(pattern) => {
                    bounded |= pattern.bounded;
                    typed.constraints.push(format!("matching /{}/", pattern.text));
                }
                Err(why) => lines.push(self.unheld(name, why, at)),
            }
        }
        let min = found.min.filter(|min| *min > 0);
        let bound = match (found.max, found.format) {
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
        Ok(typed)
    }
}
