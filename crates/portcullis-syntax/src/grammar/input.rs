//! `input`, and the fields that it shares with `params` and `body`.

use super::literal::{Given, Value};
use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::Span;
use crate::ast::{Constraint, Field, Input, InputType, Literal, Unsupported};

impl Reader {
    pub(super) fn input(&mut self, pair: Pair<'_>) -> Option<Input> {
        let docs = self.take_docs();
        let unsupported = clauses(&pair)
            .filter_map(|clause| match clause.as_rule() {
                Rule::rules => Some(self.unsupported(&clause, "rules")),
                Rule::check => Some(self.unsupported(&clause, "check")),
                _ => None,
            })
            .collect();
        Some(Input {
            span: self.span(&pair),
            docs,
            name: self.name_in(&pair, Rule::name)?,
            fields: self.fields(&pair)?,
            unsupported,
            waivers: self.waivers(&pair)?,
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
        let mut unsupported = Vec::new();
        let kind = self.field_type(&child(pair, Rule::field_type)?, &mut unsupported)?;
        let mut constraints = Vec::new();
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::field_name | Rule::field_type => {}
                _ => match self.constraint(&part)? {
                    Ok(constraint) => constraints.push(constraint),
                    Err(what) => unsupported.push(self.unsupported(&part, &what)),
                },
            }
        }
        Some(Field {
            span: self.span(pair),
            name: self.name_in(pair, Rule::field_name)?,
            kind,
            constraints,
            unsupported,
        })
    }

    fn field_type(&self, pair: &Pair<'_>, unsupported: &mut Vec<Unsupported>) -> Option<InputType> {
        if let Some(null) = child(pair, Rule::or_null) {
            unsupported.push(self.unsupported(&null, "or null"));
        }
        let optional = child(pair, Rule::question).is_some();
        let end = pair
            .clone()
            .into_inner()
            .filter(|part| part.as_rule() != Rule::or_null)
            .last()
            .map(|part| self.span(&part).end)?;
        let span = Span { end, ..self.span(pair) };
        // A list's type is named by what it lists; it is refused in any case.
        let name = match child(pair, Rule::element) {
            Some(element) => {
                unsupported.push(Unsupported { what: "list type".to_owned(), span });
                self.field_type(&child(&element, Rule::field_type)?, &mut Vec::new())?.name
            }
            None => self.name_in(pair, Rule::name)?,
        };
        Some(InputType { name, optional, span })
    }

    /// A constraint, or what it is called where a later version enforces it.
    fn constraint(&mut self, pair: &Pair<'_>) -> Option<Result<Constraint, String>> {
        let span = self.span(pair);
        let setting = || Err("setting".to_owned());
        Some(match pair.as_rule() {
            Rule::trim => Ok(Constraint::Trim(span)),
            Rule::minimum | Rule::maximum | Rule::default => {
                match self.expected(pair, "a literal", Some)? {
                    Given::Value(value) => Ok(match pair.as_rule() {
                        Rule::minimum => Constraint::Min(value, span),
                        Rule::maximum => Constraint::Max(value, span),
                        _ => Constraint::Default(value, span),
                    }),
                    Given::Setting => setting(),
                }
            }
            Rule::bounds => match self.literal(&child(pair, Rule::range)?)?.node {
                Literal::Range(range) => Ok(Constraint::Range(range, span)),
                _ => return None,
            },
            Rule::one_of => {
                let value = child(pair, Rule::value)?;
                match self.value(&value)? {
                    Value::List(list) => match self.list_of(&list, "a literal", Some)? {
                        Some(values) => Ok(Constraint::OneOf(values, span)),
                        None => setting(),
                    },
                    Value::Setting => setting(),
                    Value::Literal(_) | Value::Other => {
                        self.unexpected(&value, "a list like `[\"a\", \"b\"]`");
                        return None;
                    }
                }
            }
            Rule::settable => Err("settable when".to_owned()),
            // `matching`, `email`, `as`, …: named by the word that they begin with.
            _ => Err(pair.clone().into_inner().next()?.as_str().to_owned()),
        })
    }
}
