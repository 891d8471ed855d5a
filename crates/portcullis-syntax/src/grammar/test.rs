//! `test`.

use super::literal::{self, Given};
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::ast::{
    Expectation, Json, Literal, Name, Target, Test, TestClause, TestValue, Unsupported,
};
use crate::{Code, Spanned};

impl Reader {
    pub(super) fn test(&mut self, pair: Pair<'_>) -> Option<Test> {
        let span = self.span(&pair);
        let title = self.text_in(&pair)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let mut later = Vec::new();
            let read = self.test_clause(&clause, &mut later);
            kept.extend(self.whole(read, span));
            kept.extend(later.into_iter().map(TestClause::Unsupported));
        }
        Some(Test { span, title, clauses: kept })
    }

    fn test_clause(
        &mut self,
        clause: &Pair<'_>,
        later: &mut Vec<Unsupported>,
    ) -> Option<TestClause> {
        let span = self.span(clause);
        let unsupported =
            |what: &str| TestClause::Unsupported(Unsupported { what: what.to_owned(), span });
        Some(match clause.as_rule() {
            Rule::given_caller => TestClause::Caller {
                credential: self.name_in(clause, Rule::name),
                attributes: self.record(&child(clause, Rule::record)?, later)?,
                span,
            },
            Rule::given_resource => TestClause::Resource {
                resource: self.name_in(clause, Rule::name)?,
                attributes: match child(clause, Rule::record) {
                    Some(record) => Some(self.record(&record, later)?),
                    None => None,
                },
                span,
            },
            Rule::sent => self.sent(clause)?,
            Rule::sent_header => TestClause::Header(self.header(clause)?, span),
            Rule::sent_body => {
                let json = child(clause, Rule::json)?;
                let span_of_json = self.span(&json);
                TestClause::Body(Spanned { node: self.json(&json)?, span: span_of_json }, span)
            }
            Rule::profile => TestClause::Profile(self.name_in(clause, Rule::name)?, span),
            Rule::at => {
                let time = |literal| match literal {
                    Literal::Time(time) => Some(time),
                    _ => None,
                };
                match self.expected(clause, "a time like `2026-01-31T00:00:00Z`", time)? {
                    Given::Value(time) => TestClause::At(time, span),
                    Given::Setting => unsupported("setting"),
                }
            }
            Rule::after => {
                let token = child(clause, Rule::duration)?;
                let node = literal::duration(token.as_str()).ok()?;
                TestClause::After(Spanned { node, span: self.span(&token) }, span)
            }
            Rule::expect => {
                let expected = clause.clone().into_inner().nth(1)?;
                match expected.as_rule() {
                    Rule::expect_header => unsupported("expect header"),
                    _ => TestClause::Expect(self.expectation(&expected)?, span),
                }
            }
            Rule::outcome => unsupported("outcome"),
            Rule::act => unsupported("act"),
            Rule::store => unsupported("store unavailable"),
            _ => return None,
        })
    }

    fn sent(&self, clause: &Pair<'_>) -> Option<TestClause> {
        let target = match child(clause, Rule::target) {
            Some(target) => Target::Plain(Spanned {
                node: target.as_str().to_owned(),
                span: self.span(&target),
            }),
            None => Target::Raw(self.text_in(clause)?),
        };
        let from = match child(clause, Rule::sent_from) {
            Some(from) => {
                let token = child(&from, Rule::address)?;
                let node = literal::address(token.as_str()).ok()?;
                Some(Spanned { node, span: self.span(&token) })
            }
            None => None,
        };
        let method = self.name_in(clause, Rule::method)?;
        Some(TestClause::Request { method, target, from, span: self.span(clause) })
    }

    fn record(
        &self,
        record: &Pair<'_>,
        later: &mut Vec<Unsupported>,
    ) -> Option<Vec<(Name, TestValue)>> {
        let mut attributes = Vec::new();
        for given in children(record, Rule::given) {
            let name = self.name_in(&given, Rule::field_name)?;
            match child(&given, Rule::test_value) {
                Some(value) => {
                    if let Some(value) = self.test_value(&value, later)? {
                        attributes.push((name, value));
                    }
                }
                None => later.push(self.unsupported(&given, "nested object")),
            }
        }
        Some(attributes)
    }

    /// A value; nothing where it is one that a later version takes.
    fn test_value(
        &self,
        value: &Pair<'_>,
        later: &mut Vec<Unsupported>,
    ) -> Option<Option<TestValue>> {
        let inner = value.clone().into_inner().next()?;
        let span = self.span(&inner);
        Some(Some(match inner.as_rule() {
            Rule::literal => TestValue::Literal(self.literal(&inner)?),
            Rule::kw_now => TestValue::Now(span),
            Rule::name if inner.as_str() == "none" => TestValue::None(span),
            Rule::name => TestValue::Name(self.name(&inner)),
            Rule::test_list => {
                let mut values = Vec::new();
                for value in children(&inner, Rule::test_value) {
                    values.extend(self.test_value(&value, later)?);
                }
                TestValue::List(values, span)
            }
            _ => {
                later.push(self.unsupported(&inner, "permission as a value"));
                return Some(None);
            }
        }))
    }

    fn header(&mut self, clause: &Pair<'_>) -> Option<Vec<(Spanned<String>, Spanned<String>)>> {
        let object = child(clause, Rule::json_object)?;
        let mut fields = Vec::new();
        for member in children(&object, Rule::json_member) {
            let value = child(&member, Rule::json)?;
            let Some(text) = self.text_in(&value) else {
                self.unexpected(&value, "a header's value in quotes");
                return None;
            };
            fields.push((self.text_in(&member)?, text));
        }
        Some(fields)
    }

    fn json(&self, pair: &Pair<'_>) -> Option<Json> {
        let inner = pair.clone().into_inner().next()?;
        let text = inner.as_str();
        Some(match inner.as_rule() {
            Rule::text => Json::Text(literal::text(text).ok()?),
            Rule::json_number => Json::Number(text.to_owned()),
            Rule::json_word => match text {
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                _ => Json::Null,
            },
            Rule::json_list => Json::List(
                children(&inner, Rule::json).map(|item| self.json(&item)).collect::<Option<_>>()?,
            ),
            Rule::json_object => Json::Object(
                children(&inner, Rule::json_member)
                    .map(|member| {
                        let name = literal::text(child(&member, Rule::text)?.as_str()).ok()?;
                        Some((name, self.json(&child(&member, Rule::json)?)?))
                    })
                    .collect::<Option<_>>()?,
            ),
            _ => return None,
        })
    }

    fn expectation(&mut self, pair: &Pair<'_>) -> Option<Expectation> {
        Some(match pair.as_rule() {
            Rule::expect_admit => Expectation::Admit { times: self.times(pair)? },
            Rule::expect_refuse => Expectation::Refuse {
                reason: self.name_in(pair, Rule::name)?,
                times: self.times(pair)?,
            },
            Rule::expect_fields => Expectation::Fields(self.wire_names(pair)?),
            Rule::expect_faults => Expectation::Faults(self.wire_names(pair)?),
            Rule::expect_rows => Expectation::Rows(self.count(&child(pair, Rule::int)?, 0)?),
            _ => return None,
        })
    }

    fn times(&mut self, pair: &Pair<'_>) -> Option<u32> {
        match child(pair, Rule::times) {
            Some(times) => Some(self.count(&child(&times, Rule::int)?, 1)?.node),
            None => Some(1),
        }
    }

    /// An int that counts something, from `least` up.
    fn count(&mut self, token: &Pair<'_>, least: u32) -> Option<Spanned<u32>> {
        let span = self.span(token);
        let int = literal::int(token.as_str()).ok()?;
        match u32::try_from(int).ok().filter(|count| *count >= least) {
            Some(node) => Some(Spanned { node, span }),
            None => {
                let message = format!("expected a count of {least} to {}, found `{int}`", u32::MAX);
                self.fault(Code::BadLiteral, span, message);
                None
            }
        }
    }

    fn wire_names(&self, pair: &Pair<'_>) -> Option<Vec<Spanned<String>>> {
        child(pair, Rule::wire_names)?
            .into_inner()
            .filter(|name| matches!(name.as_rule(), Rule::wire_name | Rule::text))
            .map(|name| match name.as_rule() {
                Rule::text => self.text(&name),
                _ => Some(self.name(&name)),
            })
            .collect()
    }
}
