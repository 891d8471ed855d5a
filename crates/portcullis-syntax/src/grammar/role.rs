//! `role` and `enum`.

use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::ast::{Enumeration, Member, Role, Waiver};

impl Reader {
    pub(super) fn role(&mut self, pair: Pair<'_>) -> Option<Role> {
        let docs = self.take_docs();
        let inherits = child(&pair, Rule::inherits)
            .and_then(|inherits| child(&inherits, Rule::names))
            .map_or_else(Vec::new, |names| self.names(&names));
        Some(Role {
            span: self.span(&pair),
            docs,
            name: self.name_in(&pair, Rule::name)?,
            inherits,
            wire: self.wire_in(&pair),
            grants: children(&pair, Rule::grant).map(|grant| self.permission(&grant)).collect(),
            waivers: self.waivers(&pair)?,
        })
    }

    pub(super) fn enumeration(&mut self, pair: Pair<'_>) -> Option<Enumeration> {
        let docs = self.take_docs();
        let members = children(&pair, Rule::member).map(|member| {
            Some(Member { name: self.name_in(&member, Rule::name)?, wire: self.wire_in(&member) })
        });
        Some(Enumeration {
            span: self.span(&pair),
            docs,
            name: self.name_in(&pair, Rule::name)?,
            members: members.collect::<Option<_>>()?,
            waivers: self.waivers(&pair)?,
        })
    }

    /// The waivers among the clauses of a block.
    pub(super) fn waivers(&self, pair: &Pair<'_>) -> Option<Vec<Waiver>> {
        clauses(pair)
            .filter(|clause| clause.as_rule() == Rule::waive)
            .map(|clause| self.waiver(&clause))
            .collect()
    }
}
