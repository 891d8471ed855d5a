//! `errors`.

use super::reader::{Reader, child};
use super::{Pair, Rule, literal};
use crate::Spanned;
use crate::ast::{Errors, ErrorsClause};

impl Reader {
    pub(super) fn errors(&mut self, pair: Pair<'_>) -> Option<Errors> {
        Some(Errors {
            span: self.span(&pair),
            docs: self.take_docs(),
            keyword: self.span(&child(&pair, Rule::kw_errors)?),
            clauses: self.in_profiles(&pair, Reader::errors_clause),
            waivers: self.waivers(&pair)?,
        })
    }

    fn errors_clause(&mut self, clause: &Pair<'_>) -> Option<ErrorsClause> {
        let name = self.name_in(clause, Rule::name)?;
        match clause.as_rule() {
            Rule::error_format => Some(ErrorsClause::Format(name)),
            Rule::error_status => {
                let token = child(clause, Rule::int)?;
                let node = literal::int(token.as_str()).ok()?;
                let status = Spanned { node, span: self.span(&token) };
                Some(ErrorsClause::Status { reason: name, status })
            }
            _ => None,
        }
    }
}
