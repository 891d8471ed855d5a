//! `cors`.

use super::reader::{Reader, child, children};
use super::{Pair, Rule};
use crate::ast::{Cors, CorsClause};

impl Reader {
    pub(super) fn cors(&mut self, pair: Pair<'_>) -> Option<Cors> {
        Some(Cors {
            span: self.span(&pair),
            docs: self.take_docs(),
            keyword: self.span(&child(&pair, Rule::kw_cors)?),
            clauses: self.in_profiles(&pair, Reader::cors_clause),
            waivers: self.waivers(&pair)?,
        })
    }

    fn cors_clause(&mut self, clause: &Pair<'_>) -> Option<CorsClause> {
        Some(match clause.as_rule() {
            Rule::origins => CorsClause::Origins(self.value_in(clause)?),
            Rule::methods => {
                let list = child(clause, Rule::method_list)?;
                let methods = children(&list, Rule::method).map(|method| self.name(&method));
                CorsClause::Methods(methods.collect())
            }
            Rule::allowed_headers => CorsClause::Headers(self.value_in(clause)?),
            Rule::expose => CorsClause::Expose(self.value_in(clause)?),
            Rule::credentials => CorsClause::Credentials,
            Rule::max_age => CorsClause::MaxAge(self.value_in(clause)?),
            _ => return None,
        })
    }
}
