//! Whom a budget counts.

use portcullis_compiler::plan::{Charge, Field, Operand, RequestField, Route};

use super::account::{is_account, is_beside};
use crate::guessed::issues;

/// Everything that a route charges.
pub fn charges(route: &Route) -> impl Iterator<Item = &Charge> {
    route.stages().flat_map(|(_, checks)| &checks.charges)
}

/// What the key of a charge reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Key {
    /// The caller.
    pub caller: bool,
    /// The client's address.
    pub address: bool,
    /// A field of path, query string or body.
    pub input: bool,
    /// One of these that says whose secret is guessed.
    pub account: bool,
    /// One of these that is the secret, or goes with it.
    pub beside: bool,
    /// A header: whatever the client likes.
    pub header: bool,
}

impl Key {
    /// What a charge of a route is counted by.
    #[must_use]
    pub fn of(route: &Route, charge: &Charge) -> Key {
        let mut key = Key::default();
        charge.key.iter().for_each(|part| key.read(route, part));
        key
    }

    /// Whether it counts how often one account is tried: with what goes with the secret, or with a header, each
    /// value is another count. On a sign-in so is each address, where one that has many tries them all.
    #[must_use]
    pub fn is_of_account(self, route: &Route) -> bool {
        let split = self.beside || self.header;
        self.account && !split && !(issues(route) && (self.caller || self.address))
    }

    /// Whether it counts the client's address, and nothing that a client may choose.
    #[must_use]
    pub fn is_of_address(self) -> bool {
        self.address && !self.is_chosen()
    }

    /// Whether it counts who asks, and nothing that a client may choose.
    #[must_use]
    pub fn is_of_client(self) -> bool {
        (self.caller || self.address) && !self.is_chosen()
    }

    /// Whether a part of it is what the client sends.
    #[must_use]
    pub fn is_chosen(self) -> bool {
        self.input || self.header
    }

    fn read(&mut self, route: &Route, part: &Operand) {
        match part {
            Operand::Caller(_) => self.caller = true,
            Operand::Request(RequestField::Ip) => self.address = true,
            Operand::Header(_) | Operand::Request(RequestField::Origin) => self.header = true,
            Operand::Parameter(_) | Operand::Query(_) | Operand::Body(_) => {
                let field = field(route, part);
                self.input = true;
                self.account |= field.is_some_and(|field| is_account(route, field));
                self.beside |= field.is_some_and(is_beside);
            }
            Operand::Else(first, second) => {
                self.read(route, first);
                self.read(route, second);
            }
            _ => {}
        }
    }
}

fn field<'r>(route: &'r Route, operand: &Operand) -> Option<&'r Field> {
    match operand {
        Operand::Parameter(slot) => route.params.get(*slot).map(|found| &found.field),
        Operand::Query(slot) => route.query.iter().flat_map(|shape| &shape.fields).nth(*slot),
        Operand::Body(slot) => route.body.as_ref()?.field(*slot),
        _ => None,
    }
}
