//! `scope`.

use super::reader::{Reader, children};
use super::{Pair, Rule};
use crate::ast::Scope;

impl Reader {
    pub(super) fn scope(&mut self, pair: Pair<'_>) -> Option<Scope> {
        let docs = self.take_docs();
        let permissions = children(&pair, Rule::grant).map(|grant| self.permission(&grant));
        Some(Scope {
            span: self.span(&pair),
            docs,
            name: self.name_in(&pair, Rule::name)?,
            wire: self.wire_in(&pair),
            permissions: permissions.collect(),
            waivers: self.waivers(&pair)?,
        })
    }
}
