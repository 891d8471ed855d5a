//! `session`.

use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::ast::{Refresh, Session, SessionClause};

impl Reader {
    pub(super) fn session(&mut self, pair: Pair<'_>) -> Option<Session> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let keyword = self.span(&child(&pair, Rule::kw_session)?);
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.session_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Session { span, docs, keyword, clauses: kept })
    }

    fn session_clause(&mut self, clause: &Pair<'_>) -> Option<SessionClause> {
        let span = self.span(clause);
        Some(match clause.as_rule() {
            Rule::session_access => SessionClause::Access(self.name_in(clause, Rule::name)?, span),
            Rule::refresh => SessionClause::Refresh(self.refresh(clause)?),
            Rule::cookie => SessionClause::Cookie {
                name: self.text_in(clause)?,
                path: match child(clause, Rule::pattern) {
                    Some(pattern) => Some(self.pattern(&pattern)?),
                    None => None,
                },
                span,
            },
            Rule::waive => SessionClause::Waive(self.waiver(clause)?),
            _ => return None,
        })
    }

    /// The values are told apart by the word before them.
    fn refresh(&mut self, clause: &Pair<'_>) -> Option<Refresh> {
        let (mut lifetime, mut grace, mut at_most) = (None, None, None);
        let mut rotating = None;
        let mut before = Rule::kw_refresh;
        for part in clause.clone().into_inner() {
            match (part.as_rule(), before) {
                (Rule::value, Rule::kw_grace) => grace = Some(self.value(&part)?),
                (Rule::value, Rule::kw_most) => at_most = Some(self.value(&part)?),
                (Rule::value, _) => lifetime = Some(self.value(&part)?),
                (Rule::kw_rotating, _) => rotating = Some(self.span(&part)),
                _ => {}
            }
            before = part.as_rule();
        }
        Some(Refresh { lifetime: lifetime?, rotating, grace, at_most, span: self.span(clause) })
    }
}
