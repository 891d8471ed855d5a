//! `transport`.

use super::reader::{Reader, child, clauses};
use super::{Pair, Rule};
use crate::ast::{Hosts, InProfiles, Name, Transport, TransportClause};

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
            Rule::hsts => Some(TransportClause::Hsts {
                max_age: self.value_in(clause)?,
                subdomains: child(clause, Rule::kw_subdomains).map(|word| self.span(&word)),
                preload: child(clause, Rule::kw_preload).map(|word| self.span(&word)),
                profiles,
                span,
            }),
            Rule::proxies => {
                Some(TransportClause::Proxies { networks: self.value_in(clause)?, profiles, span })
            }
            _ => None,
        }
    }

    /// The clauses of a declaration, waivers apart, each with the profiles that it is limited to.
    pub(super) fn in_profiles<T>(
        &mut self,
        declaration: &Pair<'_>,
        read: impl Fn(&mut Reader, &Pair<'_>) -> Option<T>,
    ) -> Vec<InProfiles<T>> {
        let whole = self.span(declaration);
        let mut kept = Vec::new();
        for clause in clauses(declaration).filter(|clause| clause.as_rule() != Rule::waive) {
            let read = read(self, &clause);
            let (profiles, span) = (self.profiles(&clause), self.span(&clause));
            let clause = self.whole(read, whole);
            kept.extend(clause.map(|clause| InProfiles { clause, profiles, span }));
        }
        kept
    }

    /// The profiles after `in`.
    fn profiles(&mut self, clause: &Pair<'_>) -> Vec<Name> {
        child(clause, Rule::in_profiles)
            .and_then(|limit| child(&limit, Rule::names))
            .map_or_else(Vec::new, |names| self.names(&names))
    }
}
