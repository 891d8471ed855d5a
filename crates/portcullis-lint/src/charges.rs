//! What a route is charged, and by what that is counted.

use portcullis_compiler::plan::{Charge, Operand, RequestField, Route};

/// Everything that a route charges.
pub(crate) fn of(route: &Route) -> impl Iterator<Item = &Charge> {
    route.stages().flat_map(|(_, checks)| &checks.charges)
}

/// What the key of a charge reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CountedBy {
    /// The caller.
    pub(crate) caller: bool,
    /// The client's address.
    pub(crate) address: bool,
    /// A field of path, query string or body.
    pub(crate) input: bool,
    /// A header: whatever the client likes.
    pub(crate) header: bool,
}

/// What a charge is counted by.
pub(crate) fn counted_by(charge: &Charge) -> CountedBy {
    let mut counted = CountedBy::default();
    charge.key.iter().for_each(|part| read(part, &mut counted));
    counted
}

fn read(part: &Operand, counted: &mut CountedBy) {
    match part {
        Operand::Caller(_) => counted.caller = true,
        Operand::Request(RequestField::Ip) => counted.address = true,
        Operand::Header(_) | Operand::Request(RequestField::Origin) => counted.header = true,
        Operand::Parameter(_) | Operand::Query(_) | Operand::Body(_) => counted.input = true,
        Operand::Else(first, second) => {
            read(first, counted);
            read(second, counted);
        }
        _ => {}
    }
}
