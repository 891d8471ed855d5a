//! The rows of a list that have been decided about, and views.

use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::Accepted;
use crate::refusal::Refusal;
use crate::view::Shown;

/// The rows of a list that this request may see, each with its view.
pub struct Listed<'a, T> {
    pub(crate) accepted: &'a Accepted<'a>,
    pub(super) rows: Vec<(T, Option<usize>)>,
    /// The `returns` that is chosen once for all rows, or one of the envelopes that differ in their rows
    /// alone, by index; nothing where each row is shown by itself.
    pub(crate) returns: Option<usize>,
}

impl<'a, T> Listed<'a, T> {
    /// How many rows are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows shown.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|(row, _)| row)
    }

    /// A page of the rows that are shown: `take` of them, behind the first `skip`. To cut before they are
    /// decided would count rows that nobody sees.
    #[must_use]
    pub fn page(self, skip: usize, take: usize) -> Listed<'a, T> {
        let rows = self.rows.into_iter().skip(skip).take(take).collect();
        Listed { rows, ..self }
    }

    /// Whether the list was decided for this request.
    #[must_use]
    pub fn is_of(&self, accepted: &Accepted<'_>) -> bool {
        self.accepted.is(accepted)
    }
}

impl<T: Serialize> Listed<'_, T> {
    /// The rows as a JSON array, each by its view; empty where the route returns nothing here, which is
    /// answered by 204.
    ///
    /// # Errors
    /// The route returns no view, or the type cannot be filtered safely: a fault of the service.
    pub fn to_json(&self) -> Result<Vec<u8>, Refusal> {
        if self.accepted.shows_nothing(self.returns) {
            return Ok(Vec::new());
        }
        if self.accepted.shows_envelope(self.returns) {
            return Err(Refusal::service_fault());
        }
        serde_json::to_vec(self).map_err(|_| Refusal::service_fault())
    }
}

impl<T: Serialize> Serialize for Listed<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.rows.len()))?;
        let listed = self.accepted.resource(self.accepted.loaded()).ok();
        for (row, returns) in &self.rows {
            let shape = listed.and_then(|(index, _)| self.accepted.view_of(*returns, index, true));
            let shown = shape.map(|shape| Shown::new(row, shape));
            rows.serialize_element(&View { shown })?;
        }
        rows.end()
    }
}

/// The fields of an object that may leave, over the application's own type.
pub struct View<'a, T> {
    pub(super) shown: Option<Shown<'a, T>>,
}

impl<T: Serialize> Serialize for View<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.shown {
            Some(shown) => shown.serialize(serializer),
            None => Err(serde::ser::Error::custom("the route returns no view")),
        }
    }
}
