//! `test`.

use super::literal;
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::ast::{Expectation, Json, Name, SentBody, Target, Test, TestClause, TestValue};
use crate::{Code, Spanned};

impl Reader {
    pub(super) fn test(&mut self, pair: Pair<'_>) -> Option<Test> {
        let span = self.span(&pair);
        let title = self.text_in(&pair)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.test_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Test { span, title, clauses: kept })
    }

    fn test_clause(&mut self, clause: &Pair<'_>) -> Option<TestClause> {
        let span = self.span(clause);
        Some(match clause.as_rule() {
            Rule::given_caller => TestClause::Caller {
                credential: self.name_in(clause, Rule::name),
                attributes: self.record(&child(clause, Rule::record)?)?,
                span,
            },
            Rule::given_resource => TestClause::Resource {
                resource: self.name_in(clause, Rule::name)?,
                attributes: match child(clause, Rule::record) {
                    Some(record) => Some(self.record(&record)?),
                    None => None,
                },
                span,
            },
            Rule::sent => self.sent(clause)?,
            Rule::sent_header => TestClause::Header(self.header(clause)?, span),
            Rule::sent_body => TestClause::Body(self.body(clause)?, span),
            Rule::profile => TestClause::Profile(self.name_in(clause, Rule::name)?, span),
            Rule::at => {
                let token = child(clause, Rule::time)?;
                let node = literal::time(token.as_str()).ok()?;
                TestClause::At(Spanned { node, span: self.span(&token) }, span)
            }
            Rule::after => {
                let token = child(clause, Rule::duration)?;
                let node = literal::duration(token.as_str()).ok()?;
                TestClause::After(Spanned { node, span: self.span(&token) }, span)
            }
            Rule::expect => {
                let expected = clause.clone().into_inner().nth(1)?;
                TestClause::Expect(self.expectation(&expected)?, span)
            }
            Rule::outcome => TestClause::Outcome(child(clause, Rule::kw_success).is_some(), span),
            Rule::act => TestClause::Act(self.name_in(clause, Rule::name)?, span),
            Rule::store => TestClause::StoreUnavailable(span),
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

    /// The attributes of an object. Nesting is bounded before the text is parsed.
    fn record(&self, record: &Pair<'_>) -> Option<Vec<(Name, TestValue)>> {
        children(record, Rule::given)
            .map(|given| {
                let name = self.name_in(&given, Rule::field_name)?;
                let value = match child(&given, Rule::test_value) {
                    Some(value) => self.test_value(&value)?,
                    None => {
                        let nested = child(&given, Rule::record)?;
                        TestValue::Record(self.record(&nested)?, self.span(&nested))
                    }
                };
                Some((name, value))
            })
            .collect()
    }

    fn test_value(&self, value: &Pair<'_>) -> Option<TestValue> {
        let inner = value.clone().into_inner().next()?;
        let span = self.span(&inner);
        Some(match inner.as_rule() {
            Rule::literal => TestValue::Literal(self.literal(&inner)?),
            Rule::permission => TestValue::Permission(self.permission(&inner)),
            Rule::kw_now => TestValue::Now(span),
            Rule::name if inner.as_str() == "none" => TestValue::None(span),
            Rule::name => TestValue::Name(self.name(&inner)),
            Rule::test_list => {
                let values =
                    children(&inner, Rule::test_value).map(|value| self.test_value(&value));
                TestValue::List(values.collect::<Option<_>>()?, span)
            }
            _ => return None,
        })
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

    fn body(&self, clause: &Pair<'_>) -> Option<SentBody> {
        if child(clause, Rule::kw_form).is_some() {
            return self.text_in(clause).map(SentBody::Form);
        }
        if child(clause, Rule::kw_raw).is_some() {
            return self.text_in(clause).map(SentBody::Raw);
        }
        let json = child(clause, Rule::json)?;
        Some(SentBody::Json(Spanned { node: self.json(&json)?, span: self.span(&json) }))
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
            Rule::expect_header => {
                let mut texts = children(pair, Rule::text).map(|text| self.text(&text));
                let name = texts.next()??;
                let value = match texts.next() {
                    Some(value) => Some(value?),
                    None => None,
                };
                Expectation::Header(name, value)
            }
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
