//! Decisions about objects that are known by the names of their attributes alone: for tools, which
//! have no type of the application at hand.

use portcullis_compiler::plan::{
    Content, EnvelopeField, Plan, Resource as Planned, Returned, Type, ViewOf,
};

use crate::caller::Caller;
use crate::condition::{Attributes, Known, World};
use crate::engine::Engine;
use crate::proof::{Accepted, Loaded};
use crate::refusal::Refusal;
use crate::value::{Object, Value};
use crate::{SigningKey, Timestamp, TokenCheck, credential};

/// An object by the names of its attributes in the policy.
pub trait Named {
    /// The value of an attribute; [`Value::Absent`] for one that is not there.
    fn named(&self, name: &str) -> Value<'_>;

    /// The nested object in an attribute, if one is there.
    fn nested(&self, name: &str) -> Option<&dyn Named>;
}

/// Finds the object of a resource, by the resource's name.
pub type Find<'a> = &'a dyn Fn(&str) -> Option<&'a dyn Named>;

/// The wire names that may leave, those inside of an envelope's field behind its own and a dot;
/// nothing where the route does not say.
pub type WireNames = Option<Vec<String>>;

/// What may leave of an answer.
#[derive(Debug)]
pub struct Probed {
    /// The wire names of the view or envelope; of a list, those of all rows shown together.
    pub fields: WireNames,
    /// How many rows of a list are shown.
    pub rows: Option<usize>,
}

pub(crate) struct BySlot<'a> {
    pub(crate) object: &'a dyn Named,
    pub(crate) resource: &'a Planned,
    pub(crate) plan: &'a Plan,
}

/// What stands for a nested object where only its presence is asked for.
struct There;

impl Object for There {
    fn value(&self, _: usize) -> Value<'_> {
        Value::Absent
    }
}

impl BySlot<'_> {
    fn read<'v>(object: &'v dyn Named, resource: &Planned, slot: usize) -> Value<'v> {
        match resource.attributes.get(slot) {
            Some(attribute) if matches!(attribute.kind, Type::Resource(_)) => {
                match object.nested(&attribute.name) {
                    Some(_) => Value::Object(&There),
                    None => Value::Absent,
                }
            }
            Some(attribute) => object.named(&attribute.name),
            None => Value::Absent,
        }
    }
}

impl Attributes for BySlot<'_> {
    fn attribute(&self, slot: usize) -> Value<'_> {
        BySlot::read(self.object, self.resource, slot)
    }

    fn nested(&self, slot: usize, path: &[usize]) -> Value<'_> {
        let (mut object, mut resource, mut slot) = (self.object, self.resource, slot);
        for next in path {
            let Some(attribute) = resource.attributes.get(slot) else {
                return Value::Absent;
            };
            let Type::Resource(index) = attribute.kind else {
                return Value::Absent;
            };
            let (Some(inner), Some(of)) =
                (object.nested(&attribute.name), self.plan.resources.get(index))
            else {
                return Value::Absent;
            };
            (object, resource, slot) = (inner, of, *next);
        }
        BySlot::read(object, resource, slot)
    }
}

/// The loaded objects of a route, by the names of their resources.
struct ByName<'a> {
    count: usize,
    find: Find<'a>,
}

impl Loaded for ByName<'_> {
    fn count(&self) -> usize {
        self.count
    }

    fn with(&self, accepted: &Accepted<'_>, ask: &mut dyn FnMut(World<'_>)) -> Result<(), Refusal> {
        let mut found = Vec::new();
        for place in 0..self.count {
            let (_, resource) = accepted.resource(place)?;
            let object = (self.find)(&resource.name);
            let plan = &*accepted.rules.plan;
            found.push(object.map(|object| BySlot { object, resource, plan }));
        }
        let mut world = accepted.world();
        for (place, bound) in world.objects.iter_mut().zip(&found) {
            *place = bound.as_ref().map(|bound| (bound.resource, bound as &dyn Attributes));
        }
        ask(world);
        Ok(())
    }
}

impl Accepted<'_> {
    /// Decides about all objects of the route, and says which fields would leave.
    ///
    /// # Errors
    /// The refusal. More rows than the policy's `max`, or a row that cannot be decided, is a fault of
    /// the service.
    pub fn probe(&self, find: Find<'_>, rows: &[&dyn Named]) -> Result<Probed, Refusal> {
        self.told(self.probed(find, rows))
    }

    fn probed(&self, find: Find<'_>, rows: &[&dyn Named]) -> Result<Probed, Refusal> {
        let route = self.route()?;
        let plan = &*self.rules.plan;
        let loaded = ByName { count: route.loads.len(), find };
        let mut returns = self.decide(&loaded)?;
        if route.lists.is_some() {
            return self.probe_rows(&loaded, rows);
        }
        if route.creates.is_some() {
            let (_, resource) = self.resource(loaded.count)?;
            let object = find(&resource.name).ok_or_else(Refusal::service_fault)?;
            let bound = BySlot { object, resource, plan };
            returns = self.decide_created(&loaded, (resource, &bound))?;
        }
        Ok(Probed { fields: self.wire_names(returns), rows: None })
    }

    fn probe_rows(&self, loaded: &ByName<'_>, rows: &[&dyn Named]) -> Result<Probed, Refusal> {
        if rows.len() > self.max_rows()? {
            return Err(Refusal::service_fault());
        }
        let plan = &*self.rules.plan;
        let (_, resource) = self.resource(loaded.count)?;
        let mut shown = 0;
        let mut chosen = Vec::new();
        for object in rows {
            let bound = BySlot { object: *object, resource, plan };
            let row: Known<'_> = (resource, &bound);
            if let Some(returns) = self.decide_row(loaded, row)? {
                shown += 1;
                chosen.push(returns);
            }
        }
        let fields = match self.once_for_all(loaded)? {
            Some(returns) => self.wire_names(Some(returns)),
            None if !self.returns_view() => None,
            None if chosen.is_empty() => self.around_no_rows(),
            None => {
                let names = chosen.into_iter().filter_map(|returns| self.wire_names(returns));
                Some(names.flatten().collect())
            }
        };
        Ok(Probed { fields, rows: Some(shown) })
    }

    /// The wire names of an answer that shows no row: of an envelope that of its list, without what
    /// would be inside.
    fn around_no_rows(&self) -> Option<Vec<String>> {
        let Some(Returned::Envelope(fields)) = self.chosen(self.around_rows()) else {
            return Some(Vec::new());
        };
        let names = fields.iter().map(|field| match &field.content {
            Content::List(_) => Some(vec![field.wire.clone()]),
            _ => self.names_of(field),
        });
        Some(names.collect::<Option<Vec<_>>>()?.concat())
    }

    /// The wire names that a `returns` may show.
    fn wire_names(&self, returns: Option<usize>) -> WireNames {
        match self.chosen(returns)? {
            Returned::View(view) | Returned::List(view) => self.names_in(*view),
            Returned::Envelope(fields) => {
                let names = fields.iter().map(|field| self.names_of(field));
                Some(names.collect::<Option<Vec<_>>>()?.concat())
            }
            Returned::Nothing | Returned::Opaque => None,
        }
    }

    /// Those of a field of an envelope.
    fn names_of(&self, field: &EnvelopeField) -> WireNames {
        let outer = &field.wire;
        match &field.content {
            Content::View(view) | Content::List(view) => {
                let inside = self.names_in(*view)?;
                Some(inside.iter().map(|inner| format!("{outer}.{inner}")).collect())
            }
            Content::Plain(_) => Some(vec![outer.clone()]),
        }
    }

    fn names_in(&self, view: ViewOf) -> WireNames {
        let views = &self.rules.plan.resources.get(view.resource)?.views;
        let fields = &views.get(view.view)?.fields;
        Some(fields.iter().map(|field| field.wire.clone()).collect())
    }
}

impl Engine {
    /// The first check that a token of a credential fails, by the engine's keys, or without any look at its
    /// signature. Nothing, where the policy has no such credential of JSON Web Tokens. Who is told may know
    /// what a client must not.
    #[must_use]
    pub fn inspect_token(
        &self,
        credential: &str,
        token: &str,
        signature: bool,
        now: Timestamp,
    ) -> Option<Result<(), TokenCheck>> {
        let rules = self.rules();
        let index = rules.plan.credentials.iter().position(|found| found.name == credential)?;
        let found = rules.plan.credentials.get(index)?;
        let keys = rules.keys.get(index).filter(|_| signature);
        let asked = (found.jwt()?, found.claims.as_slice());
        Some(credential::inspect(token, asked, keys, &rules.plan, now))
    }

    /// A token of a credential, with claims that are a JSON object and those that it asks of every token
    /// beside them: for development.
    #[must_use]
    pub fn mint_token(
        &self,
        credential: &str,
        claims: &str,
        key: &SigningKey,
        now: Timestamp,
    ) -> Option<String> {
        let rules = self.rules();
        let found = rules.plan.credentials.iter().find(|found| found.name == credential)?;
        let jwt = found.jwt()?;
        let mut claims: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(claims).ok()?;
        for (name, value) in credential::issued(jwt, jwt.lifetime, now)? {
            // What is said is kept, to make a token that is refused.
            claims.entry(name).or_insert(value);
        }
        let claims = serde_json::Value::Object(claims).to_string();
        key.token(jwt.token_type.as_deref(), claims.as_bytes())
    }

    /// Decides an action about an object that is known by name.
    ///
    /// # Errors
    /// The refusal.
    pub fn probe_act(
        &self,
        caller: &Caller,
        action: &str,
        find: Find<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.act_named(caller, action, find, now)
    }
}
