//! `credential`.

use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::Spanned;
use crate::ast::{Claim, Credential, CredentialClause, CredentialKind, Literal};

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
        Some(match clause.as_rule() {
            Rule::waive => CredentialClause::Waive(self.waiver(clause)?),
            Rule::issuer => CredentialClause::Issuer(self.value_in(clause)?, span),
            Rule::audience => CredentialClause::Audience(self.value_in(clause)?, span),
            Rule::algorithms => {
                let names = children(clause, Rule::jws_name).map(|name| self.name(&name)).collect();
                CredentialClause::Algorithms(names, span)
            }
            Rule::token_type => CredentialClause::TokenType(self.value_in(clause)?, span),
            Rule::lifetime => CredentialClause::Lifetime(self.value_in(clause)?, span),
            Rule::leeway => CredentialClause::Leeway(self.value_in(clause)?, span),
            Rule::claims => CredentialClause::Caller(self.claims(clause)?, span),
            Rule::revocable => CredentialClause::Revocable(span),
            Rule::token_prefix => CredentialClause::Prefix(self.text_in(clause)?, span),
            _ => return None,
        })
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
        let mut node = Vec::new();
        for value in children(&list, Rule::value) {
            let literal = child(&value, Rule::literal).and_then(|value| self.literal(&value));
            match literal.map(|literal| literal.node) {
                Some(Literal::Text(name)) => node.push(name),
                _ => {
                    self.unexpected(&value, "a claim's name in quotes");
                    return None;
                }
            }
        }
        Some(Spanned { node, span: self.span(&list) })
    }
}
