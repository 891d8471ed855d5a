//! Decisions about objects that are known by the names of their attributes alone: for tools, which
//! have no type of the application at hand.

use crate::admitted::Accepted;
use crate::condition::Attributes;
use crate::refusal::Refusal;
use crate::value::Value;

/// An object by the names of its attributes in the policy.
pub trait Named {
    /// The value of an attribute; [`Value::Absent`] for one that is not there.
    fn named(&self, name: &str) -> Value<'_>;
}

/// The wire names that a view may show; nothing where the route returns no view.
pub type WireNames<'a> = Option<Vec<&'a str>>;

struct BySlot<'a> {
    object: &'a dyn Named,
    names: &'a [portcullis_compiler::plan::Attribute],
}

impl Attributes for BySlot<'_> {
    fn attribute(&self, slot: usize) -> Value<'_> {
        self.names.get(slot).map_or(Value::Absent, |attribute| self.object.named(&attribute.name))
    }
}

impl Accepted<'_> {
    /// Decides about the object that the request names, and says which fields would leave.
    ///
    /// # Errors
    /// The refusal.
    pub fn probe_object(&self, object: Option<&dyn Named>) -> Result<WireNames<'_>, Refusal> {
        let names = self.attributes()?;
        let object = object.map(|object| BySlot { object, names });
        let returns = self.decide(object.as_ref().map(|object| object as &dyn Attributes))?;
        Ok(self.wire_names(returns))
    }

    /// Decides about each row of a list: which are shown, and which of their fields.
    ///
    /// # Errors
    /// More rows than the policy's `max`, or a row that cannot be decided.
    pub fn probe_list(&self, rows: &[&dyn Named]) -> Result<Vec<WireNames<'_>>, Refusal> {
        let names = self.attributes()?;
        if rows.len() > self.max_rows()? {
            return Err(Refusal::service_fault());
        }
        let mut shown = Vec::new();
        for object in rows {
            if let Some(returns) = self.row(&BySlot { object: *object, names })? {
                shown.push(self.wire_names(returns));
            }
        }
        Ok(shown)
    }

    /// Whether the route lists objects.
    #[must_use]
    pub fn lists(&self) -> bool {
        self.max_rows().is_ok()
    }
}
