//! `budget`.

use super::expression::LONGEST_RUN;
use super::literal;
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::Spanned;
use crate::ast::{Budget, BudgetClause, KeyPart};

impl Reader {
    pub(super) fn budget(&mut self, pair: Pair<'_>) -> Option<Budget> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let name = self.name_in(&pair, Rule::name)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.budget_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Budget { span, docs, name, clauses: kept })
    }

    fn budget_clause(&mut self, clause: &Pair<'_>) -> Option<BudgetClause> {
        let span = self.span(clause);
        Some(match clause.as_rule() {
            Rule::limit => self.limit(clause)?,
            Rule::budget_key => {
                for part in children(clause, Rule::key_part) {
                    if children(&part, Rule::path).count() > LONGEST_RUN {
                        self.too_long(&part, "else");
                        return None;
                    }
                }
                let parts = children(clause, Rule::key_part).map(|part| KeyPart {
                    alternatives: children(&part, Rule::path)
                        .map(|path| self.path(&path))
                        .collect(),
                    span: self.span(&part),
                });
                BudgetClause::Key(parts.collect(), span)
            }
            Rule::algorithm => BudgetClause::Algorithm(self.name_in(clause, Rule::name)?, span),
            Rule::refund => BudgetClause::Refund(span),
            Rule::unavailable => BudgetClause::Unavailable(self.text_in(clause)?, span),
            Rule::ipv6_prefix => {
                let token = child(clause, Rule::prefix)?;
                let node = literal::prefix(token.as_str()).ok()?;
                BudgetClause::Ipv6(Spanned { node, span: self.span(&token) }, span)
            }
            Rule::waive => BudgetClause::Waive(self.waiver(clause)?),
            _ => return None,
        })
    }

    fn limit(&mut self, clause: &Pair<'_>) -> Option<BudgetClause> {
        let mut values = children(clause, Rule::value);
        let (units, period) = (values.next()?, values.next()?);
        let burst = match child(clause, Rule::burst) {
            Some(burst) => Some(self.value_in(&burst)?),
            None => None,
        };
        let condition = match child(clause, Rule::condition) {
            Some(condition) => Some(self.condition(&condition)?),
            None => None,
        };
        Some(BudgetClause::Limit {
            units: self.value(&units)?,
            period: self.value(&period)?,
            burst,
            condition,
            span: self.span(clause),
        })
    }
}
