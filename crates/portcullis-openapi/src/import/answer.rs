//! What a route loads, lists or creates, and what it returns.

use super::Importer;
use super::Todo;
use super::field::ELEMENTS;
use super::object::{By, Pattern};
use super::shape::Shape;
use crate::Error;
use crate::name::{singular, snake};
use crate::operation::Operation;
use crate::schema::{Object, Schema};
use crate::telling;

/// What is known of a route when its answer is looked at.
pub(super) struct Routed<'r, 'n> {
    pub(super) operation: &'r Operation<'n>,
    pub(super) title: &'r str,
    pub(super) pattern: &'r Pattern,
    pub(super) by: Option<By>,
    /// Whether everybody may have its objects, or nobody may call it: then nothing is to be added.
    pub(super) decided: bool,
    /// Whether it says already that nobody may call it.
    pub(super) shut: bool,
}

/// The clauses of the objects and the answer, in their order.
#[derive(Default)]
pub(super) struct Clauses {
    objects: Vec<String>,
    /// The resources whose owner is not known.
    of: Vec<usize>,
    pub(super) returns: Vec<String>,
}

impl<'n> Importer<'n> {
    /// The clauses of the objects of a route, and of what it returns.
    pub(super) fn answer(&mut self, route: &Routed<'_, 'n>) -> Result<Vec<String>, Error> {
        let mut clauses = Clauses::default();
        let operation = route.operation;
        match self.shape(operation, route.pattern)? {
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
                self.opaque(&why, route, &mut clauses)?;
            }
            Some(Shape::Rows { schema, object, max }) => {
                let wanted = route.pattern.answer();
                self.rows((&schema, &object, max), &wanted, None, route, &mut clauses)?;
            }
            Some(Shape::One { schema, object }) => {
                self.one((&schema, &object), None, route, &mut clauses)?;
            }
            Some(Shape::Envelope { whole, wire, inner }) => match *inner {
                Shape::Rows { schema, object, max } => {
                    let wanted = singular(&snake(wire));
                    let around = Some((&whole, wire));
                    self.rows((&schema, &object, max), &wanted, around, route, &mut clauses)?;
                }
                Shape::One { schema, object } => {
                    self.one((&schema, &object), Some((&whole, wire)), route, &mut clauses)?;
                }
                Shape::Envelope { .. } | Shape::Other(_) => {
                    self.opaque("no view says what it answers", route, &mut clauses)?;
                }
            },
        }
        let mut lines = clauses.objects;
        if !route.decided && !clauses.of.is_empty() {
            for resource in clauses.of {
                lines.push(self.owner(resource));
            }
            if !route.shut {
                lines.push("allow when false".to_owned());
            }
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
    fn load_parent(&mut self, route: &Routed<'_, 'n>, clauses: &mut Clauses) -> Option<usize> {
        let by = route.by.as_ref()?;
        let parent = self.parent(route.pattern, by)?;
        clauses.objects.push(format!("loads {} by {}", self.name(parent), by.path));
        clauses.of.push(parent);
        Some(parent)
    }

    fn rows(
        &mut self,
        (schema, object, max): (&Schema<'n>, &Object<'n>, Option<i64>),
        wanted: &str,
        around: Option<(&Object<'n>, &'n str)>,
        route: &Routed<'_, 'n>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        let found = self.resource(schema, object, wanted, route.title)?;
        let Some(resource) = found else {
            self.load_parent(route, clauses);
            return self.opaque("no field of it has a type", route, clauses);
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
        route: &Routed<'_, 'n>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        let operation = route.operation;
        let post = operation.method == "POST";
        let whole = around.map_or(object, |(whole, _)| whole);
        if post && signs_in(operation, whole) {
            self.load_parent(route, clauses);
            let text = "does this sign somebody in? Then declare a `session`, and write `issues session` \
                        and `returns nothing`: the engine makes the tokens";
            clauses.returns.push(self.report.todo(Todo::Credential, text));
            return self.envelope(whole, None, route, clauses);
        }
        let flat = around.is_none() && self.is_flat(object)?;
        // `{ "message": "deleted" }` is no object of the application's.
        let message = flat && !object.has_identity() && operation.method != "GET";
        let wanted =
            around.map_or_else(|| route.pattern.answer(), |(_, wire)| singular(&snake(wire)));
        let named = |by: &&By| !post || route.pattern.ends_in_parameter() || by.is_query();
        if let Some(by) = route.by.as_ref().filter(named).filter(|_| !message) {
            let resource = self.resource(schema, object, &wanted, route.title)?;
            if let Some(resource) = resource.filter(|found| self.keyed(*found, by, route.pattern)) {
                let name = self.name(resource);
                clauses.objects.push(format!("loads {name} by {}", by.path));
                clauses.of.push(resource);
                return self.returned(&format!("{name}.full"), around, route, clauses);
            }
            self.load_parent(route, clauses);
            return self.opaque("another key loads it", route, clauses);
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
        self.envelope(whole, None, route, clauses)
    }

    fn returned(
        &mut self,
        shown: &str,
        around: Option<(&Object<'n>, &'n str)>,
        route: &Routed<'_, 'n>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        match around {
            None => clauses.returns.push(format!("returns {shown}")),
            Some((whole, wire)) => self.envelope(whole, Some((wire, shown)), route, clauses)?,
        }
        Ok(())
    }
}

/// Whether who calls this has signed in with it. A session is the engine's to make, and no object of the
/// application's.
fn signs_in(operation: &Operation<'_>, whole: &Object<'_>) -> bool {
    let token = whole.properties.keys().any(|wire| telling::is_token(wire));
    telling::is_sign_in(operation.path) || (token && !whole.has_identity())
}
