//! `credential`.

use super::literal::{Given, as_duration, as_text};
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::Spanned;
use crate::ast::{Claim, Credential, CredentialClause, CredentialKind};

impl Reader {
    pub(super) fn credential(&mut self, pair: Pair<'_>) -> Option<Credential> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let kind = pair.clone().into_inner().find_map(|word| {
            let node = match word.as_rule() {
                Rule::kw_jwt => CredentialKind::Jwt,
                Rule::kw_opaque => CredentialKind::Opaque,
                _ => return None,
            };
            Some(Spanned { node, span: self.span(&word) })
        })?;
        let name = self.name_in(&pair, Rule::name)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.credential_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Credential { span, docs, name, kind, clauses: kept })
    }

    fn credential_clause(&mut self, clause: &Pair<'_>) -> Option<CredentialClause> {
        let span = self.span(clause);
        let given = |given: Given<_>, of: fn(_, _) -> _| match given {
            Given::Value(value) => Some(of(value, span)),
            Given::Setting => None,
        };
        let read = match clause.as_rule() {
            Rule::waive => return self.waiver(clause).map(CredentialClause::Waive),
            Rule::issuer => {
                given(self.expected(clause, "a text", as_text)?, CredentialClause::Issuer)
            }
            Rule::audience => {
                given(self.expected(clause, "a text", as_text)?, CredentialClause::Audience)
            }
            Rule::algorithms => {
                let names = children(clause, Rule::jws_name).map(|name| self.name(&name)).collect();
                Some(CredentialClause::Algorithms(names, span))
            }
            Rule::token_type => Some(CredentialClause::TokenType(self.text_in(clause)?, span)),
            Rule::lifetime => match self.expected(clause, "a duration", as_duration)? {
                Given::Value(value) => Some(CredentialClause::Lifetime(value, span)),
                Given::Setting => None,
            },
            Rule::leeway => match self.expected(clause, "a duration", as_duration)? {
                Given::Value(value) => Some(CredentialClause::Leeway(value, span)),
                Given::Setting => None,
            },
            Rule::claims => Some(CredentialClause::Caller(self.claims(clause)?, span)),
            Rule::revocable => {
                return Some(CredentialClause::Unsupported(self.unsupported(clause, "revocable")));
            }
            Rule::token_prefix => {
                return Some(CredentialClause::Unsupported(self.unsupported(clause, "prefix")));
            }
            _ => return None,
        };
        Some(
            read.unwrap_or_else(|| {
                CredentialClause::Unsupported(self.unsupported(clause, "setting"))
            }),
        )
    }

    fn claims(&mut self, clause: &Pair<'_>) -> Option<Vec<Claim>> {
        children(clause, Rule::claim)
            .map(|claim| {
                let from = match child(&claim, Rule::claim_from) {
                    Some(from) => Some(self.claim_from(&from)?),
                    None => None,
                };
                Some(Claim {
                    span: self.span(&claim),
                    name: self.name_in(&claim, Rule::field_name)?,
                    kind: self.type_of(&child(&claim, Rule::type_of)?)?,
                    from,
                })
            })
            .collect()
    }

    /// `"realm_access.roles"` descends; `["https://x.example/roles"]` is one name with its dots.
    fn claim_from(&mut self, from: &Pair<'_>) -> Option<Spanned<Vec<String>>> {
        if let Some(text) = self.text_in(from) {
            let node = text.node.split('.').map(str::to_owned).collect();
            return Some(Spanned { node, span: text.span });
        }
        let list = child(from, Rule::list)?;
        let span = self.span(&list);
        match self.list_of(&list, "a claim's name in quotes", as_text)? {
            Some(names) => {
                Some(Spanned { node: names.into_iter().map(|name| name.node).collect(), span })
            }
            None => {
                self.unexpected(&list, "claims' names in quotes");
                None
            }
        }
    }
}
