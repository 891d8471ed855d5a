//! `resource`.

use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::Spanned;
use crate::ast::{Attribute, Resource, ResourceClause, Shown, View, ViewPart};

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
            Rule::visible => ResourceClause::Visible {
                condition: self.condition(&child(clause, Rule::condition)?)?,
                span,
            },
            _ => return None,
        })
    }

    fn view(&self, pair: &Pair<'_>) -> Option<View> {
        let mut parts = Vec::new();
        for part in clauses(pair) {
            match part.as_rule() {
                Rule::spread => {
                    let node = part.as_str().trim_start_matches('.').to_owned();
                    let span = self.part(&part, "...".len(), part.as_str().len());
                    parts.push(ViewPart::Spread(Spanned { node, span }));
                }
                Rule::shown => {
                    let mut names = self.path(&child(&part, Rule::view_path)?).segments.into_iter();
                    parts.push(ViewPart::Shown(Shown {
                        name: names.next()?,
                        view: names.next(),
                        wire: self.wire_in(&part),
                    }));
                }
                _ => {}
            }
        }
        Some(View {
            span: self.span(pair),
            name: self.name_in(pair, Rule::name)?,
            parts,
            waivers: self.waivers(pair)?,
        })
    }
}
