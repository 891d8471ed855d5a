//! `budget`.

use super::literal::{Given, as_duration, as_int};
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
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
        let unsupported = |reader: &Reader, pair: &Pair<'_>, what| {
            Some(BudgetClause::Unsupported(reader.unsupported(pair, what)))
        };
        match clause.as_rule() {
            Rule::limit => self.limit(clause),
            Rule::budget_key => {
                let parts: Vec<_> = children(clause, Rule::key_part).collect();
                let alternative = parts.iter().find(|part| child(part, Rule::kw_else).is_some());
                if let Some(part) = alternative {
                    return unsupported(self, part, "else key");
                }
                let parts = parts
                    .iter()
                    .map(|part| Some(KeyPart { path: self.path(&child(part, Rule::path)?) }));
                Some(BudgetClause::Key(parts.collect::<Option<_>>()?, span))
            }
            Rule::algorithm => {
                Some(BudgetClause::Algorithm(self.name_in(clause, Rule::name)?, span))
            }
            Rule::waive => self.waiver(clause).map(BudgetClause::Waive),
            Rule::refund => unsupported(self, clause, "refund on success"),
            Rule::unavailable => unsupported(self, clause, "unavailable admit"),
            Rule::ipv6_prefix => unsupported(self, clause, "ipv6"),
            _ => None,
        }
    }

    fn limit(&mut self, clause: &Pair<'_>) -> Option<BudgetClause> {
        for (rule, what) in [(Rule::burst, "burst"), (Rule::condition, "limit when")] {
            if let Some(part) = child(clause, rule) {
                return Some(BudgetClause::Unsupported(self.unsupported(&part, what)));
            }
        }
        let mut values = children(clause, Rule::value);
        let units = self.expected_value(&values.next()?, "an int", as_int);
        let period = self.expected_value(&values.next()?, "a duration", as_duration);
        Some(match (units?, period?) {
            (Given::Value(units), Given::Value(period)) => {
                BudgetClause::Limit { units, period, span: self.span(clause) }
            }
            _ => BudgetClause::Unsupported(self.unsupported(clause, "setting")),
        })
    }
}
