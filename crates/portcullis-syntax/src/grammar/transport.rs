//! `transport`.

use super::literal::{Given, Value, as_text};
use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::Spanned;
use crate::ast::{Hosts, Literal, Name, Transport, TransportClause, Unsupported};

impl Reader {
    pub(super) fn transport(&mut self, pair: Pair<'_>) -> Option<Transport> {
        let span = self.span(&pair);
        let keyword = self.span(&child(&pair, Rule::kw_transport)?);
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.transport_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Transport { span, keyword, clauses: kept })
    }

    fn transport_clause(&mut self, clause: &Pair<'_>) -> Option<TransportClause> {
        let span = self.span(clause);
        let profiles = self.profiles(clause);
        let unsupported = |what: &str| {
            Some(TransportClause::Unsupported(Unsupported { what: what.to_owned(), span }))
        };
        match clause.as_rule() {
            Rule::waive => self.waiver(clause).map(TransportClause::Waive),
            Rule::https => {
                let mode = self.name_in(clause, Rule::name)?;
                Some(TransportClause::Https { mode, profiles, span })
            }
            Rule::hosts => match self.hosts(clause)? {
                Some(hosts) => Some(TransportClause::Hosts { hosts, profiles, span }),
                None => unsupported("setting"),
            },
            Rule::body_limit => {
                let size = |literal| match literal {
                    Literal::Size(bytes) => Some(bytes),
                    _ => None,
                };
                match self.expected(clause, "a size like `64KiB`", size)? {
                    Given::Value(size) => Some(TransportClause::BodyLimit { size, profiles, span }),
                    Given::Setting => unsupported("setting"),
                }
            }
            Rule::hsts => unsupported("hsts"),
            Rule::proxies => unsupported("proxies"),
            _ => None,
        }
    }

    /// The hosts of a clause; nothing where a setting stands for them or for one.
    fn hosts(&mut self, clause: &Pair<'_>) -> Option<Option<Hosts>> {
        if let Some(any) = child(clause, Rule::any_host) {
            return Some(Some(Hosts::Any(self.text_in(&any)?)));
        }
        let value = child(clause, Rule::value)?;
        let list = match self.value(&value)? {
            Value::List(list) => list,
            Value::Setting => return Some(None),
            Value::Literal(_) | Value::Other => {
                self.unexpected(&value, "a list of hosts like `[\"shop.example\"]`");
                return None;
            }
        };
        Some(self.list_of(&list, "a host in quotes", as_text)?.map(Hosts::Listed))
    }

    /// The literals of a list; nothing where a setting stands for one.
    pub(super) fn list_of<T>(
        &mut self,
        list: &Pair<'_>,
        what: &str,
        pick: impl Fn(Literal) -> Option<T>,
    ) -> Option<Option<Vec<Spanned<T>>>> {
        let mut values = Vec::new();
        for value in list.clone().into_inner().filter(|inner| inner.as_rule() == Rule::value) {
            match self.expected_value(&value, what, &pick)? {
                Given::Value(value) => values.push(value),
                Given::Setting => return Some(None),
            }
        }
        Some(Some(values))
    }

    fn profiles(&self, clause: &Pair<'_>) -> Vec<Name> {
        child(clause, Rule::in_profiles)
            .and_then(|profiles| child(&profiles, Rule::names))
            .map_or_else(Vec::new, |names| self.names(&names))
    }
}
