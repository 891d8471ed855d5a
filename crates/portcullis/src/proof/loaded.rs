//! What a route has loaded before a row, or what is created, is decided.

use super::Accepted;
use crate::condition::{Attributes, World};
use crate::refusal::Refusal;
use crate::resource::Resource;

/// The objects that a route has loaded.
pub(crate) trait Loaded {
    fn count(&self) -> usize;

    /// Calls `ask` with the world in which they stand.
    fn with(&self, accepted: &Accepted<'_>, ask: &mut dyn FnMut(World<'_>)) -> Result<(), Refusal>;
}

/// None of them.
pub(crate) struct Nothing;

impl Loaded for Nothing {
    fn count(&self) -> usize {
        0
    }

    fn with(&self, accepted: &Accepted<'_>, ask: &mut dyn FnMut(World<'_>)) -> Result<(), Refusal> {
        ask(accepted.world());
        Ok(())
    }
}

pub(super) struct One<'a, T>(pub(super) Option<&'a T>);

impl<T: Resource> Loaded for One<'_, T> {
    fn count(&self) -> usize {
        1
    }

    fn with(&self, accepted: &Accepted<'_>, ask: &mut dyn FnMut(World<'_>)) -> Result<(), Refusal> {
        let bound = self.0.map(|value| accepted.bind(0, value)).transpose()?;
        let known = bound.as_ref().map(|(resource, bound)| (*resource, bound as &dyn Attributes));
        ask(World { objects: [known, None, None], ..accepted.world() });
        Ok(())
    }
}

pub(super) struct Two<'a, A, B>(pub(super) Option<&'a A>, pub(super) Option<&'a B>);

impl<A: Resource, B: Resource> Loaded for Two<'_, A, B> {
    fn count(&self) -> usize {
        2
    }

    fn with(&self, accepted: &Accepted<'_>, ask: &mut dyn FnMut(World<'_>)) -> Result<(), Refusal> {
        let first = self.0.map(|value| accepted.bind(0, value)).transpose()?;
        let second = self.1.map(|value| accepted.bind(1, value)).transpose()?;
        let first = first.as_ref().map(|(resource, bound)| (*resource, bound as &dyn Attributes));
        let second = second.as_ref().map(|(resource, bound)| (*resource, bound as &dyn Attributes));
        ask(World { objects: [first, second, None], ..accepted.world() });
        Ok(())
    }
}
