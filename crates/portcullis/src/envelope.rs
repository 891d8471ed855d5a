//! Envelopes: an object of the handler's with views in it. What is shown of the policy's objects
//! enters by the proofs alone.

use portcullis_compiler::plan::{Content, EnvelopeField, Returned};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::proof::{Accepted, Authorized, Listed};
use crate::refusal::Refusal;
use crate::resource::Resource;
use crate::view::{Shape, Shown};

/// An envelope that is being filled. A fault on the way is kept and reported at the end.
pub struct Envelope<'a> {
    accepted: &'a Accepted<'a>,
    /// The `returns` that it is, by index.
    returns: Option<usize>,
    fields: Result<&'a [EnvelopeField], Refusal>,
    filled: Map<String, Json>,
    /// Whether the route returns nothing here, and no envelope.
    nothing: bool,
}

impl<'a> Envelope<'a> {
    pub(crate) fn new(accepted: &'a Accepted<'a>, returns: Option<usize>) -> Envelope<'a> {
        let fields = match accepted.chosen(returns) {
            Some(Returned::Envelope(fields)) => Ok(fields.as_slice()),
            Some(Returned::Nothing) => Ok(&[][..]),
            _ => Err(Refusal::service_fault()),
        };
        let nothing = accepted.shows_nothing(returns);
        Envelope { accepted, returns, fields, filled: Map::new(), nothing }
    }

    /// A field of the handler's own, by its name in the policy.
    #[must_use]
    pub fn field<T: Serialize + ?Sized>(self, name: &str, value: &T) -> Envelope<'a> {
        self.fill(|fields, filled| {
            let field = fields.iter().find(|field| field.name == name)?;
            let Content::Plain(kind) = &field.content else { return None };
            let shape = Shape::of_plain(kind);
            let json = serde_json::to_value(Shown::maybe(value, &shape, field.optional)).ok()?;
            if !json.is_null() {
                filled.insert(field.wire.clone(), json);
            }
            Some(())
        })
    }

    /// An object, in the field that shows its resource, by the view of that field.
    #[must_use]
    pub fn object<T: Resource + Serialize>(self, object: &Authorized<'_, T>) -> Envelope<'a> {
        let place = object.place();
        if !self.takes(object) {
            return self.faulty();
        }
        self.show(place, &**object)
    }

    /// The two objects that a route loads, each in the field that shows its resource.
    #[must_use]
    pub fn objects<A, B>(self, objects: &Authorized<'_, (A, B)>) -> Envelope<'a>
    where
        A: Resource + Serialize,
        B: Resource + Serialize,
    {
        if !self.takes(objects) {
            return self.faulty();
        }
        self.show(0, &objects.0).show(1, &objects.1)
    }

    /// The rows of a list, in the field that lists their resource.
    #[must_use]
    pub fn list<T: Serialize>(self, list: &Listed<'_, T>) -> Envelope<'a> {
        let accepted = self.accepted;
        self.fill(|fields, filled| {
            list.is_of(accepted).then_some(())?;
            let field = fields.iter().find(|field| matches!(&field.content, Content::List(_)))?;
            filled.insert(field.wire.clone(), serde_json::to_value(list).ok()?);
            Some(())
        })
    }

    /// The envelope as JSON; empty where the route returns nothing here, which is answered by 204.
    ///
    /// # Errors
    /// A field that must be there was not given, or one was given that cannot be filtered safely or
    /// that the policy does not name: a fault of the service.
    pub fn to_json(&self) -> Result<Vec<u8>, Refusal> {
        let fields = self.fields.clone()?;
        if self.nothing {
            return Ok(Vec::new());
        }
        let missing =
            |field: &&EnvelopeField| !field.optional && !self.filled.contains_key(&field.wire);
        if fields.iter().find(missing).is_some() {
            return Err(Refusal::service_fault());
        }
        serde_json::to_vec(&self.filled).map_err(|_| Refusal::service_fault())
    }

    /// Whether the envelope was begun for this request.
    #[must_use]
    pub fn is_of(&self, accepted: &Accepted<'_>) -> bool {
        self.accepted.is(accepted)
    }

    /// Whether a proof is this request's, and shown by this envelope. Beside rows, or what is created,
    /// it has no choice of its own.
    fn takes<T>(&self, proof: &Authorized<'_, T>) -> bool {
        proof.is_of(self.accepted)
            && proof.returns.is_none_or(|returns| Some(returns) == self.returns)
    }

    /// Shows the object at a place among the route's, in the first field of its resource that is not
    /// filled yet.
    fn show<T: Serialize>(self, place: usize, value: &T) -> Envelope<'a> {
        let accepted = self.accepted;
        self.fill(|fields, filled| {
            let (resource, _) = accepted.resource(place).ok()?;
            let (wire, view) = fields.iter().find_map(|field| match &field.content {
                Content::View(view)
                    if view.resource == resource && !filled.contains_key(&field.wire) =>
                {
                    Some((&field.wire, view))
                }
                _ => None,
            })?;
            let shape = accepted.rules.shape(view)?;
            let shown = serde_json::to_value(Shown::new(value, shape)).ok()?;
            filled.insert(wire.clone(), shown);
            Some(())
        })
    }

    fn faulty(self) -> Envelope<'a> {
        Envelope { fields: Err(Refusal::service_fault()), ..self }
    }

    fn fill(
        mut self,
        fill: impl FnOnce(&[EnvelopeField], &mut Map<String, Json>) -> Option<()>,
    ) -> Envelope<'a> {
        if let Ok(fields) = self.fields
            && fill(fields, &mut self.filled).is_none()
        {
            self.fields = Err(Refusal::service_fault());
        }
        self
    }
}

// What a request brought, and what was found for it, stays out of logs.
impl std::fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").finish_non_exhaustive()
    }
}

impl Accepted<'_> {
    /// Begins the envelope of a route that has no object.
    #[must_use]
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope::new(self, self.choose())
    }
}

impl<T> Authorized<'_, T> {
    /// Begins the envelope of the route; the views of objects are still to be put in.
    #[must_use]
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope::new(self.accepted, self.returns)
    }
}

impl<T> Listed<'_, T> {
    /// Begins the envelope of the route; the list is still to be put in.
    #[must_use]
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope::new(self.accepted, self.returns)
    }
}
