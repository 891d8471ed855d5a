//! `headers`.

use super::reader::{Reader, child, children};
use super::{Pair, Rule};
use crate::Spanned;
use crate::ast::{Csp, Directive, Headers, HeadersClause, Literal, ValueKind};

impl Reader {
    pub(super) fn headers(&mut self, pair: Pair<'_>) -> Option<Headers> {
        Some(Headers {
            span: self.span(&pair),
            docs: self.take_docs(),
            keyword: self.span(&child(&pair, Rule::kw_headers)?),
            clauses: self.in_profiles(&pair, Reader::headers_clause),
            waivers: self.waivers(&pair)?,
        })
    }

    fn headers_clause(&mut self, clause: &Pair<'_>) -> Option<HeadersClause> {
        Some(match clause.as_rule() {
            Rule::csp => HeadersClause::Csp(self.csp(clause)?),
            Rule::remove => HeadersClause::Remove(self.value(&child(clause, Rule::list)?)?),
            Rule::response_header => {
                let mut words = children(clause, Rule::name).map(|word| self.name(&word));
                let header = words.next()?;
                let value = match (words.next(), self.text_in(clause)) {
                    (Some(word), _) => {
                        Spanned { node: ValueKind::Name(word.node), span: word.span }
                    }
                    (None, text) => {
                        let text = text?;
                        let node = ValueKind::Literal(Literal::Text(text.node));
                        Spanned { node, span: text.span }
                    }
                };
                HeadersClause::Set { header, value }
            }
            _ => return None,
        })
    }

    fn csp(&mut self, clause: &Pair<'_>) -> Option<Csp> {
        let directives = children(clause, Rule::csp_directive).map(|directive| {
            let sources = match child(&directive, Rule::list) {
                Some(list) => Some(self.value(&list)?),
                None => None,
            };
            let name = self.name_in(&directive, Rule::name)?;
            Some(Directive { name, sources, span: self.span(&directive) })
        });
        let directives = directives.collect::<Option<_>>()?;
        Some(Csp { directives, waivers: self.waivers(clause)? })
    }
}
