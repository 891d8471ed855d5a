//! Tests.

use super::Rule;
use super::node::Node;
use crate::Spanned;
use crate::ast::{Expectation, Json, Name, Target, Test, TestClause, TestValue};

/// How often one `expect` may send its request.
const MOST_TIMES: i64 = 100_000;

impl Node<'_> {
    pub(super) fn test(&self) -> Test {
        let clauses = self.children().filter_map(|node| node.test_clause());
        Test { span: self.span(), title: self.own_string(), clauses: clauses.collect() }
    }

    fn test_clause(&self) -> Option<TestClause> {
        let span = self.span();
        Some(match self.rule() {
            Rule::test_caller => TestClause::Caller {
                credential: self.child(Rule::name).map(|name| name.name()),
                attributes: self.record().unwrap_or_default(),
                span,
            },
            Rule::test_request => {
                let target = match (self.child(Rule::string), self.child(Rule::target)) {
                    (Some(raw), _) => Target::Raw(raw.string()),
                    (None, Some(plain)) => Target::Plain(plain.name()),
                    (None, None) => return None,
                };
                let from = self
                    .child(Rule::ip)
                    .and_then(|ip| Some(ip.spanned(ip.ip(ip.text().trim_end())?)));
                TestClause::Request { method: self.child(Rule::method)?.name(), target, from, span }
            }
            Rule::test_resource => {
                TestClause::Resource { resource: self.own_name(), attributes: self.record(), span }
            }
            Rule::test_header => {
                let line = |line: Node<'_>| {
                    let mut strings = line.all(Rule::string).map(|string| string.string());
                    Some((strings.next()?, strings.next()?))
                };
                TestClause::Header(self.all(Rule::header_line).filter_map(line).collect(), span)
            }
            Rule::test_body => {
                let json = self.child(Rule::json)?;
                TestClause::Body(json.spanned(json.json()), span)
            }
            Rule::test_profile => TestClause::Profile(self.own_name(), span),
            Rule::test_at => {
                let time = self.child(Rule::time)?;
                TestClause::At(time.spanned(time.time()), span)
            }
            Rule::test_after => TestClause::After(self.own_duration(), span),
            Rule::expect => self.expect()?,
            Rule::later_test => TestClause::Unsupported(self.unsupported_words()),
            _ => return None,
        })
    }

    fn expect(&self) -> Option<TestClause> {
        let inner = self.first()?;
        let expectation = match inner.rule() {
            Rule::expect_admit => Expectation::Admit { times: inner.times() },
            Rule::expect_refuse => {
                Expectation::Refuse { reason: inner.own_name(), times: inner.times() }
            }
            Rule::expect_fields => Expectation::Fields(inner.wires()),
            Rule::expect_faults => Expectation::Faults(inner.wires()),
            Rule::expect_rows => {
                let rows = inner.own_int();
                let count = u32::try_from(rows.node).unwrap_or_else(|_| {
                    inner.bad_literal("a number of rows is not negative");
                    0
                });
                Expectation::Rows(Spanned { node: count, span: rows.span })
            }
            _ => return Some(TestClause::Unsupported(self.unsupported("expect header"))),
        };
        Some(TestClause::Expect(expectation, self.span()))
    }

    fn times(&self) -> u32 {
        let Some(times) = self.child(Rule::times) else {
            return 1;
        };
        let found = times.own_int().node;
        if !(1..=MOST_TIMES).contains(&found) {
            times.bad_literal(format!("`times` is from 1 to {MOST_TIMES}"));
        }
        u32::try_from(found).unwrap_or(1)
    }

    fn wires(&self) -> Vec<Spanned<String>> {
        let Some(list) = self.child(Rule::wires) else {
            return Vec::new();
        };
        let wire = |node: Node<'_>| match node.rule() {
            Rule::string => node.string(),
            _ => node.name(),
        };
        list.children().map(wire).collect()
    }

    /// The record among the children.
    fn record(&self) -> Option<Vec<(Name, TestValue)>> {
        let record = self.child(Rule::record)?;
        let given =
            |given: Node<'_>| Some((given.field_name(), given.child(Rule::given_value)?.given()));
        Some(record.all(Rule::given).filter_map(given).collect())
    }

    fn given(&self) -> TestValue {
        let Some(inner) = self.children().next() else {
            return TestValue::None(self.span());
        };
        match inner.rule() {
            Rule::literal => TestValue::Literal(inner.literal()),
            Rule::given_none => TestValue::None(inner.span()),
            Rule::given_now => TestValue::Now(inner.span()),
            Rule::given_list => {
                let values = inner.all(Rule::given_value).map(|value| value.given());
                TestValue::List(values.collect(), inner.span())
            }
            _ => TestValue::Name(inner.name()),
        }
    }

    fn json(&self) -> Json {
        let Some(inner) = self.children().next() else {
            return Json::Null;
        };
        match inner.rule() {
            Rule::json_object => {
                let member = |member: Node<'_>| {
                    Some((member.own_string().node, member.child(Rule::json)?.json()))
                };
                Json::Object(inner.all(Rule::json_member).filter_map(member).collect())
            }
            Rule::json_list => Json::List(inner.all(Rule::json).map(|json| json.json()).collect()),
            Rule::string => Json::Text(inner.string().node),
            Rule::json_number => Json::Number(inner.text().trim_end().to_owned()),
            _ => match inner.text().trim_end() {
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                _ => Json::Null,
            },
        }
    }
}
