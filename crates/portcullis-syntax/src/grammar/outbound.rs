//! `outbound`.

use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::ast::{Outbound, OutboundClause};

impl Reader {
    pub(super) fn outbound(&mut self, pair: Pair<'_>) -> Option<Outbound> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let keyword = self.span(&child(&pair, Rule::kw_outbound)?);
        let name = self.name_in(&pair, Rule::name)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.outbound_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Outbound { span, docs, keyword, name, clauses: kept })
    }

    fn outbound_clause(&mut self, clause: &Pair<'_>) -> Option<OutboundClause> {
        let span = self.span(clause);
        Some(match clause.as_rule() {
            Rule::schemes => OutboundClause::Schemes(self.value_in(clause)?, span),
            Rule::ports => OutboundClause::Ports(self.value_in(clause)?, span),
            Rule::to_hosts => OutboundClause::Hosts(self.value_in(clause)?, span),
            Rule::redirects => OutboundClause::Redirects(self.value_in(clause)?, span),
            Rule::waive => OutboundClause::Waive(self.waiver(clause)?),
            _ => return None,
        })
    }
}
