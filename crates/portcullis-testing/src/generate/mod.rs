//! Made-up policies and requests. They are made of choices, so that proptest can make them smaller:
//! the first of each is the plainest.

mod conditions;
mod outbounds;
mod policies;
mod requests;
mod routes;
mod urls;

pub use outbounds::outbound;
pub use policies::policy;
pub use requests::exchanges;
pub use urls::url;

/// Choices, one after the other; the plainest once they are used up.
#[derive(Debug, Clone)]
pub struct Dice {
    choices: Vec<u16>,
    at: usize,
}

impl Dice {
    /// Dice that fall as said.
    #[must_use]
    pub fn new(choices: Vec<u16>) -> Dice {
        Dice { choices, at: 0 }
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(choice) % count.max(1)
    }

    pub(crate) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        let index = self.below(of.len());
        of.get(index).or(of.first()).expect("something to choose from")
    }

    pub(crate) fn chance(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }
}
