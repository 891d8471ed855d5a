//! `invariant`.

use super::reader::{Reader, child, children};
use super::{Pair, Rule};
use crate::Spanned;
use crate::ast::{Invariant, On, Pattern, Property};

impl Reader {
    pub(super) fn invariant(&mut self, pair: Pair<'_>) -> Option<Invariant> {
        let docs = self.take_docs();
        let property = child(&pair, Rule::property)?;
        let on = children(&pair, Rule::on).map(|on| self.on(&on)).collect::<Option<_>>()?;
        Some(Invariant {
            span: self.span(&pair),
            docs,
            title: self.text_in(&pair)?,
            on,
            property: self.property(&property)?,
            implied: self.expression(&child(&property, Rule::expression)?)?,
            waivers: self.waivers(&pair)?,
        })
    }

    fn on(&mut self, clause: &Pair<'_>) -> Option<On> {
        let mut lists = children(clause, Rule::patterns);
        let patterns = self.patterns(&lists.next()?)?;
        let except = match lists.next() {
            Some(except) => self.patterns(&except)?,
            None => Vec::new(),
        };
        let method = self.name_in(clause, Rule::method);
        Some(On { method, patterns, except, span: self.span(clause) })
    }

    fn patterns(&mut self, list: &Pair<'_>) -> Option<Vec<Pattern>> {
        children(list, Rule::pattern).map(|pattern| self.pattern(&pattern)).collect()
    }

    /// What stands before `implies`.
    fn property(&mut self, pair: &Pair<'_>) -> Option<Spanned<Property>> {
        let first = pair.clone().into_inner().next()?;
        let start = self.span(&first);
        Some(match first.as_rule() {
            Rule::kw_allowed => Spanned { node: Property::Allowed, span: start },
            Rule::kw_reveals => {
                let place = child(pair, Rule::view_ref)?;
                let found = self.view_ref(&place)?;
                let node = Property::Reveals { resource: found.resource, field: found.view };
                Spanned { node, span: start.to(found.span) }
            }
            Rule::kw_writes => {
                let path = self.path(&child(pair, Rule::path)?);
                let span = start.to(path.span);
                Spanned { node: Property::Writes(path), span }
            }
            _ => return None,
        })
    }
}
