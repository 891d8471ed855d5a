//! `resource`.

use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::ast::{Attribute, Resource, ResourceClause, Shown, View};

impl Reader {
    pub(super) fn resource(&mut self, pair: Pair<'_>) -> Option<Resource> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let name = self.name_in(&pair, Rule::name)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair).filter(|clause| clause.as_rule() != Rule::doc) {
            let read = self.resource_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Resource { span, docs, name, clauses: kept })
    }

    fn resource_clause(&mut self, clause: &Pair<'_>) -> Option<ResourceClause> {
        let span = self.span(clause);
        Some(match clause.as_rule() {
            Rule::key | Rule::attribute => ResourceClause::Attribute(Attribute {
                span,
                key: clause.as_rule() == Rule::key,
                name: self.name_in(clause, Rule::field_name)?,
                kind: self.type_of(&child(clause, Rule::type_of)?)?,
                secret: child(clause, Rule::kw_secret).map(|word| self.span(&word)),
            }),
            Rule::predicate => ResourceClause::Predicate {
                name: self.name_in(clause, Rule::name)?,
                condition: self.expression(&child(clause, Rule::expression)?)?,
                span,
            },
            Rule::view => ResourceClause::View(self.view(clause)?),
            Rule::waive => ResourceClause::Waive(self.waiver(clause)?),
            Rule::visible => ResourceClause::Unsupported(self.unsupported(clause, "visible")),
            _ => return None,
        })
    }

    fn view(&self, pair: &Pair<'_>) -> Option<View> {
        let mut view = View {
            span: self.span(pair),
            name: self.name_in(pair, Rule::name)?,
            fields: Vec::new(),
            unsupported: Vec::new(),
            waivers: self.waivers(pair)?,
        };
        for part in clauses(pair) {
            match part.as_rule() {
                Rule::spread => view.unsupported.push(self.unsupported(&part, "spread")),
                Rule::shown => {
                    let path = child(&part, Rule::view_path)?;
                    if path.as_str().contains('.') {
                        view.unsupported.push(self.unsupported(&part, "nested view"));
                    } else {
                        let (name, wire) = (self.name(&path), self.wire_in(&part));
                        view.fields.push(Shown { name, wire });
                    }
                }
                _ => {}
            }
        }
        Some(view)
    }
}
