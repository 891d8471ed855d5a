//! What a condition may name where it stands.

use portcullis_syntax::Span;

use super::super::input::Declared;
use crate::plan::Place;

/// What a condition may name where it stands.
#[derive(Clone, Copy, Default)]
pub(in crate::check) struct Scope<'a> {
    /// The route, where the condition may stand elsewhere: in its group, or in a resource.
    pub(in crate::check) route: Option<Span>,
    /// Who may call.
    pub(in crate::check) caller: Callers<'a>,
    /// Whether there is no request: in an action.
    pub(in crate::check) no_request: bool,
    /// Whether the condition stands in a resource.
    pub(in crate::check) of_object: bool,
    /// What the request brings.
    pub(in crate::check) fields: Fields<'a>,
    /// Whether what may be absent needs no guard: in an invariant.
    pub(in crate::check) assumed: bool,
    /// The objects that it may speak of.
    pub(in crate::check) objects: &'a [Bound],
}

/// Who may call.
#[derive(Clone, Copy, Default)]
pub(in crate::check) struct Callers<'a> {
    /// The credentials accepted, by index; any of the policy's, where there is no list.
    pub(in crate::check) accepted: Option<&'a [usize]>,
    /// Whether there is a caller.
    pub(in crate::check) presence: Presence,
}

/// Whether there is a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::check) enum Presence {
    /// Never: the route is `public`.
    Never,
    /// The route is `public optional`.
    Maybe,
    /// Always.
    #[default]
    Always,
}

impl Callers<'_> {
    /// A caller with any of the policy's credentials.
    pub(in crate::check) fn any() -> Callers<'static> {
        Callers::default()
    }
}

/// The fields that a request brings, by where they come from.
#[derive(Clone, Copy, Default)]
pub(in crate::check) struct Fields<'a> {
    pub(in crate::check) params: &'a [Declared],
    pub(in crate::check) query: Option<&'a [Declared]>,
    pub(in crate::check) header: Option<&'a [Declared]>,
    pub(in crate::check) body: Option<&'a [Declared]>,
}

/// An object under the name of its resource.
#[derive(Debug, Clone)]
pub(in crate::check) struct Bound {
    /// The resource, by index.
    pub(in crate::check) resource: usize,
    /// Which of the route's objects it is, or is nested in.
    pub(in crate::check) object: usize,
    /// Where in that it is nested, by slots.
    pub(in crate::check) path: Vec<usize>,
}

impl Bound {
    /// Where one of its attributes stands.
    pub(in crate::check) fn place(&self, attribute: usize) -> Place {
        match self.path.split_first() {
            None => Place { object: self.object, slot: attribute, nested: Vec::new() },
            Some((first, rest)) => {
                let nested = rest.iter().copied().chain([attribute]).collect();
                Place { object: self.object, slot: *first, nested }
            }
        }
    }

    /// The object that is nested in one of its attributes.
    pub(in crate::check) fn nested(&self, resource: usize, attribute: usize) -> Bound {
        let path = self.path.iter().copied().chain([attribute]).collect();
        Bound { resource, object: self.object, path }
    }
}
