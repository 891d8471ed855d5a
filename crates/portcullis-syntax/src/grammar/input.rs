//! `input`, and the fields that it shares with `params`, `query`, `header` and `body`.

use super::literal;
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::ast::{
    Check, Constraint, Field, Input, InputType, InputTypeKind, Range, Rules as FieldRules,
};
use crate::{Span, Spanned};

impl Reader {
    pub(super) fn input(&mut self, pair: Pair<'_>) -> Option<Input> {
        let docs = self.take_docs();
        let (mut rules, mut checks) = (Vec::new(), Vec::new());
        for clause in clauses(&pair) {
            match clause.as_rule() {
                Rule::rules => rules.push(self.rules(&clause)?),
                Rule::check => checks.push(self.check(&clause)?),
                _ => {}
            }
        }
        Some(Input {
            span: self.span(&pair),
            docs,
            name: self.name_in(&pair, Rule::name)?,
            fields: self.fields(&pair)?,
            rules,
            checks,
            waivers: self.waivers(&pair)?,
        })
    }

    fn rules(&self, clause: &Pair<'_>) -> Option<FieldRules> {
        let present = children(clause, Rule::present).map(|found| {
            let node = self.range_in(&found)?;
            Some(Spanned { node, span: self.span(&found) })
        });
        let unknown = children(clause, Rule::unknown).map(|found| Spanned {
            node: child(&found, Rule::kw_refuse).is_some(),
            span: self.span(&found),
        });
        Some(FieldRules {
            present: present.collect::<Option<_>>()?,
            unknown: unknown.collect(),
            span: self.span(clause),
        })
    }

    fn check(&mut self, clause: &Pair<'_>) -> Option<Check> {
        Some(Check {
            condition: self.expression(&child(clause, Rule::expression)?)?,
            at: self.name_in(&child(clause, Rule::check_at)?, Rule::name)?,
            fault: child(clause, Rule::fault).and_then(|fault| self.text_in(&fault)),
            span: self.span(clause),
        })
    }

    /// The fields between the braces of a block.
    pub(super) fn fields(&mut self, pair: &Pair<'_>) -> Option<Vec<Field>> {
        clauses(pair)
            .filter(|clause| clause.as_rule() == Rule::field)
            .map(|field| self.field(&field))
            .collect()
    }

    fn field(&mut self, pair: &Pair<'_>) -> Option<Field> {
        Some(Field {
            span: self.span(pair),
            name: self.name_in(pair, Rule::field_name)?,
            kind: self.field_type(&child(pair, Rule::field_type)?)?,
            constraints: self.constraints(pair)?,
        })
    }

    /// Nesting is bounded before the text is parsed.
    fn field_type(&mut self, pair: &Pair<'_>) -> Option<InputType> {
        let end = pair
            .clone()
            .into_inner()
            .filter(|part| part.as_rule() != Rule::or_null)
            .last()
            .map(|part| self.span(&part).end)?;
        let node = match child(pair, Rule::element) {
            Some(element) => {
                let kind = self.field_type(&child(&element, Rule::field_type)?)?;
                InputTypeKind::List(Box::new(kind), self.constraints(&element)?)
            }
            None => InputTypeKind::Named(self.name_in(pair, Rule::name)?),
        };
        Some(InputType {
            node,
            optional: child(pair, Rule::question).is_some(),
            or_null: child(pair, Rule::or_null).map(|null| self.span(&null)),
            span: Span { end, ..self.span(pair) },
        })
    }

    fn constraints(&mut self, pair: &Pair<'_>) -> Option<Vec<Constraint>> {
        let parts = pair.clone().into_inner();
        parts
            .filter(|part| !matches!(part.as_rule(), Rule::field_name | Rule::field_type))
            .map(|part| self.constraint(&part))
            .collect()
    }

    fn constraint(&mut self, pair: &Pair<'_>) -> Option<Constraint> {
        let span = self.span(pair);
        Some(match pair.as_rule() {
            Rule::trim => Constraint::Trim(span),
            Rule::letter_case => Constraint::Case(self.name(pair)),
            Rule::format => Constraint::Format(self.name(pair)),
            Rule::minimum => Constraint::Min(self.value_in(pair)?, span),
            Rule::maximum => Constraint::Max(self.value_in(pair)?, span),
            Rule::bounds => Constraint::Range(self.range_in(pair)?, span),
            Rule::one_of => Constraint::OneOf(self.value_in(pair)?, span),
            Rule::default => Constraint::Default(self.value_in(pair)?, span),
            Rule::matching => {
                let regex = child(pair, Rule::regex)?;
                let text = regex.as_str();
                let inner = text.get(1..text.len().saturating_sub(1))?;
                let node = inner.replace("\\/", "/");
                Constraint::Matching(Spanned { node, span: self.span(&regex) }, span)
            }
            Rule::containing => {
                let list = child(pair, Rule::list)?;
                Constraint::Containing(self.value(&list)?, span)
            }
            Rule::through => Constraint::Through(self.name_in(pair, Rule::name)?, span),
            Rule::wire => Constraint::Wire(self.text_in(pair)?, span),
            Rule::settable => {
                let condition = self.condition(&child(pair, Rule::condition)?)?;
                Constraint::Settable(condition, span)
            }
            Rule::fault => Constraint::Fault(self.text_in(pair)?, span),
            _ => return None,
        })
    }

    fn range_in(&self, pair: &Pair<'_>) -> Option<Range> {
        literal::range(child(pair, Rule::range)?.as_str()).ok()
    }
}
