//! What a route loads, lists or creates, and what it returns.

use super::field::ELEMENTS;
use super::object::{By, Pattern};
use super::resource::plain;
use super::text::{is_sayable, listed, one_line, quoted};
use super::{Importer, Todo};
use crate::Error;
use crate::name::{Names, singular, snake};
use crate::operation::Operation;
use crate::schema::{Kind, Object, Schema};
use crate::telling;

/// What a success holds.
pub(super) enum Shape<'n> {
    /// One object.
    One { schema: Schema<'n>, object: Object<'n> },
    /// A list of objects.
    Rows { schema: Schema<'n>, object: Object<'n>, max: Option<i64> },
    /// An object around one of these, with plain values beside it.
    Envelope { whole: Object<'n>, wire: &'n str, inner: Box<Shape<'n>> },
    /// Something that no view says.
    Other(String),
}

/// What is known of a route when its answer is looked at.
pub(super) struct Routed<'r> {
    pub(super) title: &'r str,
    pub(super) pattern: &'r Pattern,
    pub(super) by: Option<By>,
    /// Whether everybody may have its objects, or nobody may call it: then nothing is to be added.
    pub(super) decided: bool,
}

/// The clauses of the objects and the answer, in their order.
#[derive(Default)]
struct Clauses {
    objects: Vec<String>,
    /// The resources whose owner is not known.
    of: Vec<usize>,
    returns: Vec<String>,
}

impl<'n> Importer<'n> {
    /// What the success of an operation holds; nothing where it holds nothing.
    pub(super) fn shape(&self, operation: &Operation<'n>) -> Result<Option<Shape<'n>>, Error> {
        let Some((_, content)) = operation.success() else { return Ok(None) };
        if content.is_empty() {
            return Ok(None);
        }
        let json = content.iter().find(|media| media.is_json() && media.schema.is_some());
        let Some(schema) = json.and_then(|media| media.schema) else {
            let kinds: Vec<String> = content.iter().map(|media| media.essence()).collect();
            return Ok(Some(Shape::Other(format!("it answers {}", listed(&kinds)))));
        };
        let schema = self.description.schema(schema)?;
        Ok(Some(self.shape_of(schema, true)?))
    }

    fn shape_of(&self, schema: Schema<'n>, outer: bool) -> Result<Shape<'n>, Error> {
        match schema.kind.clone() {
            Kind::Object(object) => {
                if outer
                    && !object.has_identity()
                    && let Some((wire, inner)) = self.within(&object)?
                {
                    return Ok(Shape::Envelope { whole: object, wire, inner: Box::new(inner) });
                }
                Ok(Shape::One { schema, object })
            }
            Kind::List(list) => {
                let Some(items) = list.items else {
                    return Ok(Shape::Other("it answers a list of anything".to_owned()));
                };
                let element = self.description.schema(items)?;
                match element.kind.clone() {
                    Kind::Object(object) => {
                        Ok(Shape::Rows { schema: element, object, max: list.max })
                    }
                    _ => Ok(Shape::Other("it answers a list of plain values".to_owned())),
                }
            }
            Kind::Unknown(why) => Ok(Shape::Other(why.to_owned())),
            _ => Ok(Shape::Other("it answers a plain value".to_owned())),
        }
    }

    /// The only object, or list of objects, in an object of plain values.
    fn within(&self, object: &Object<'n>) -> Result<Option<(&'n str, Shape<'n>)>, Error> {
        let mut found = None;
        for (wire, property) in &object.properties {
            let shape = self.shape_of(self.description.schema(property.node)?, false)?;
            if !matches!(shape, Shape::Other(_)) && found.replace((*wire, shape)).is_some() {
                return Ok(None);
            }
        }
        Ok(found)
    }

    /// The clauses of the objects of a route, and of what it returns.
    pub(super) fn answer(
        &mut self,
        operation: &Operation<'n>,
        route: &Routed<'_>,
    ) -> Result<Vec<String>, Error> {
        let mut clauses = Clauses::default();
        match self.shape(operation)? {
            None => {
                self.load_parent(route, &mut clauses);
                clauses.returns.push(match operation.success() {
                    Some(_) => "returns nothing".to_owned(),
                    None => {
                        let text = "the description names no success: say what may leave";
                        format!("waive missing_returns {}", self.report.reason(Todo::Answer, text))
                    }
                });
            }
            Some(Shape::Other(why)) => {
                self.load_parent(route, &mut clauses);
                self.opaque(&why, &mut clauses);
            }
            Some(Shape::Rows { schema, object, max }) => {
                let wanted = route.pattern.answer();
                self.rows((&schema, &object, max), &wanted, None, route, &mut clauses)?;
            }
            Some(Shape::One { schema, object }) => {
                self.one((&schema, &object), None, operation, route, &mut clauses)?;
            }
            Some(Shape::Envelope { whole, wire, inner }) => match *inner {
                Shape::Rows { schema, object, max } => {
                    let wanted = singular(&snake(wire));
                    let around = Some((&whole, wire));
                    self.rows((&schema, &object, max), &wanted, around, route, &mut clauses)?;
                }
                Shape::One { schema, object } => {
                    self.one(
                        (&schema, &object),
                        Some((&whole, wire)),
                        operation,
                        route,
                        &mut clauses,
                    )?;
                }
                Shape::Envelope { .. } | Shape::Other(_) => {
                    self.opaque("no view says what it answers", &mut clauses);
                }
            },
        }
        let mut lines = clauses.objects;
        if !route.decided && !clauses.of.is_empty() {
            for resource in clauses.of {
                lines.push(self.owner(resource));
            }
            lines.push("allow when false".to_owned());
        }
        lines.extend(clauses.returns);
        Ok(lines)
    }

    /// A question about whose an object is. Where an attribute may say it, it is named.
    fn owner(&mut self, resource: usize) -> String {
        const OWNERS: &[&str] = &[
            "owner_id",
            "user_id",
            "author_id",
            "customer_id",
            "account_id",
            "member_id",
            "sender_id",
            "creator_id",
            "created_by",
            "owner",
        ];
        let found = self.resources.get(resource);
        let name = found.map_or(String::new(), |found| found.name.clone());
        let named = found.and_then(|found| {
            found.attributes.iter().find(|one| OWNERS.contains(&one.name.as_str()))
        });
        let example = match named {
            Some(one) => format!("perhaps `{name}.{}` says it", one.name),
            None => format!("give `{name}` an attribute that says it"),
        };
        self.report.todo(
            Todo::Owner,
            &format!("whose `{name}` is it? Nobody gets one until this says whose; {example}"),
        )
    }

    fn name(&self, resource: usize) -> String {
        self.resources.get(resource).map_or(String::new(), |found| found.name.clone())
    }

    /// Loads what the path names, where the answer is not about it.
    fn load_parent(&mut self, route: &Routed<'_>, clauses: &mut Clauses) -> Option<usize> {
        let by = route.by.as_ref()?;
        let parent = self.parent(route.pattern, by)?;
        clauses.objects.push(format!("loads {} by {}", self.name(parent), by.path));
        clauses.of.push(parent);
        Some(parent)
    }

    fn opaque(&mut self, why: &str, clauses: &mut Clauses) {
        let reason =
            self.report.reason(Todo::Answer, &format!("say what may leave: {}", one_line(why)));
        clauses.returns.push(format!("returns opaque {reason}"));
    }

    fn rows(
        &mut self,
        (schema, object, max): (&Schema<'n>, &Object<'n>, Option<i64>),
        wanted: &str,
        around: Option<(&Object<'n>, &'n str)>,
        route: &Routed<'_>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        let found = self.resource(schema, object, wanted, route.title)?;
        let Some(resource) = found else {
            self.load_parent(route, clauses);
            self.opaque("no field of it has a type", clauses);
            return Ok(());
        };
        let by = route.by.as_ref();
        let parent = by.and_then(|by| self.parent(route.pattern, by));
        if let (Some(parent), Some(by)) = (parent.filter(|parent| *parent != resource), by) {
            clauses.objects.push(format!("loads {} by {}", self.name(parent), by.path));
            clauses.of.push(parent);
        }
        let name = self.name(resource);
        let max = max.filter(|max| (1..=100_000).contains(max));
        let trailing = match max {
            Some(_) => String::new(),
            None => {
                let todo = self.report.todo(Todo::Bound, "how many at once?");
                format!("  {todo}")
            }
        };
        let max = max.unwrap_or(ELEMENTS);
        clauses.objects.push(format!("lists {name} max {max}{trailing}"));
        clauses.of.push(resource);
        let shown = format!("[{name}.full]");
        self.returned(&shown, around, route, clauses)
    }

    fn one(
        &mut self,
        (schema, object): (&Schema<'n>, &Object<'n>),
        around: Option<(&Object<'n>, &'n str)>,
        operation: &Operation<'n>,
        route: &Routed<'_>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        let post = operation.method == "POST";
        let flat = around.is_none() && self.is_flat(object)?;
        // `{ "message": "deleted" }` is no object of the application's.
        let message = flat && !object.has_identity() && operation.method != "GET";
        let wanted =
            around.map_or_else(|| route.pattern.answer(), |(_, wire)| singular(&snake(wire)));
        let named = |by: &&By| !post || route.pattern.ends_in_parameter() || by.is_query();
        if let Some(by) = route.by.as_ref().filter(named).filter(|_| !message) {
            let resource = self.resource(schema, object, &wanted, route.title)?;
            if let Some(resource) = resource.filter(|found| self.keyed(*found, by)) {
                let name = self.name(resource);
                clauses.objects.push(format!("loads {name} by {}", by.path));
                clauses.of.push(resource);
                return self.returned(&format!("{name}.full"), around, route, clauses);
            }
            self.load_parent(route, clauses);
            self.opaque("another key loads it", clauses);
            return Ok(());
        }
        let parent = self.load_parent(route, clauses);
        let created = schema.component || object.has_identity();
        if post && !message && created {
            let resource = self.resource(schema, object, &wanted, route.title)?;
            let resource = resource.filter(|found| Some(*found) != parent);
            if let Some(resource) = resource {
                let name = self.name(resource);
                clauses.objects.push(format!("creates {name}"));
                return self.returned(&format!("{name}.full"), around, route, clauses);
            }
        }
        if flat {
            return self.envelope(object, None, route, clauses);
        }
        self.opaque("which object is this, and by what is it loaded", clauses);
        Ok(())
    }

    /// Whether an object has plain values alone.
    fn is_flat(&self, object: &Object<'n>) -> Result<bool, Error> {
        for property in object.properties.values() {
            let shape = self.shape_of(self.description.schema(property.node)?, false)?;
            if !matches!(shape, Shape::Other(_)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn returned(
        &mut self,
        shown: &str,
        around: Option<(&Object<'n>, &'n str)>,
        route: &Routed<'_>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        match around {
            None => clauses.returns.push(format!("returns {shown}")),
            Some((whole, wire)) => self.envelope(whole, Some((wire, shown)), route, clauses)?,
        }
        Ok(())
    }

    /// An envelope: the plain values of an object, and a view in it.
    fn envelope(
        &mut self,
        object: &Object<'n>,
        view: Option<(&'n str, &str)>,
        route: &Routed<'_>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        let mut names = Names::default();
        let mut fields = Vec::new();
        let mut told = Vec::new();
        for (wire, property) in &object.properties {
            let schema = self.description.schema(property.node)?;
            let kind = match (view, &schema.kind) {
                (Some((in_it, shown)), _) if in_it == *wire => Some(shown.to_owned()),
                (_, Kind::List(list)) => match list.items {
                    Some(items) => {
                        plain(&self.description.schema(items)?.kind).map(|kind| format!("[{kind}]"))
                    }
                    None => None,
                },
                (_, kind) => plain(kind).map(str::to_owned),
            };
            let name = snake(wire);
            let sayable = name == *wire || is_sayable(wire);
            let Some(kind) = kind.filter(|_| sayable && !schema.write_only) else {
                let what = format!("`{}` does not leave: no type says it", one_line(wire));
                clauses.returns.push(self.report.lost(route.title, &what));
                continue;
            };
            if telling::is_personal(&name) || telling::is_secret(&name) {
                told.push((*wire).to_owned());
            }
            let name = names.unique(&name);
            let optional = if property.required && !schema.nullable { "" } else { "?" };
            let wire = if name == *wire { String::new() } else { format!(" as {}", quoted(wire)) };
            fields.push(format!("{name}: {kind}{optional}{wire}"));
        }
        if !told.is_empty() {
            let text = format!("may every caller see {}?", listed(&told));
            clauses.returns.push(self.report.todo(Todo::View, &text));
        }
        if fields.is_empty() {
            self.opaque("no field of it has a type", clauses);
        } else {
            clauses.returns.push(format!("returns {{ {} }}", fields.join("  ")));
        }
        Ok(())
    }
}
