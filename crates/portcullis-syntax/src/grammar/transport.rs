//! `transport`.

use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::ast::{Hosts, Name, Transport, TransportClause, Unsupported};

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
            Rule::hosts => {
                let hosts = match child(clause, Rule::any_host) {
                    Some(any) => Hosts::Any(self.text_in(&any)?),
                    None => Hosts::Listed(self.value_in(clause)?),
                };
                Some(TransportClause::Hosts { hosts, profiles, span })
            }
            Rule::body_limit => {
                Some(TransportClause::BodyLimit { size: self.value_in(clause)?, profiles, span })
            }
            Rule::hsts => unsupported("hsts"),
            Rule::proxies => unsupported("proxies"),
            _ => None,
        }
    }

    fn profiles(&self, clause: &Pair<'_>) -> Vec<Name> {
        child(clause, Rule::in_profiles)
            .and_then(|profiles| child(&profiles, Rule::names))
            .map_or_else(Vec::new, |names| self.names(&names))
    }
}
