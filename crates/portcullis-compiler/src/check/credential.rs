//! `credential … jwt`, and the attributes of the caller that it gives.

use portcullis_syntax::ast::{self, CredentialClause, CredentialKind, TypeKind};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::names::{Names, distinct};
use crate::plan::{Claim, ClaimType, Credential, Enumeration, SignatureAlgorithm};

/// A credential, and what its clauses said.
pub(super) struct Checked {
    pub(super) plan: Credential,
}

pub(super) fn check(
    names: &Names<'_>,
    enumerations: &[Enumeration],
    report: &mut Report,
) -> Vec<Checked> {
    for more in names.credentials.iter().skip(1) {
        report.unsupported(&ast::Unsupported {
            what: "a second credential".to_owned(),
            span: more.name.span,
        });
    }
    names.credentials.iter().map(|found| one(found, enumerations, report)).collect()
}

fn one(found: &ast::Credential, enumerations: &[Enumeration], report: &mut Report) -> Checked {
    if found.kind.node == CredentialKind::Opaque {
        report.unsupported(&ast::Unsupported { what: "opaque".to_owned(), span: found.kind.span });
    }
    for clause in &found.clauses {
        if let CredentialClause::Unsupported(found) = clause {
            report.unsupported(found);
        }
    }
    let clauses = Clauses { found, jwt: found.kind.node == CredentialKind::Jwt };
    let issuer =
        clauses.required("issuer", "\"https://auth.example\"", report, |clause| match clause {
            CredentialClause::Issuer(value, span) => Some((value.node.clone(), *span)),
            _ => None,
        });
    let audience = clauses.required("audience", "\"my-api\"", report, |clause| match clause {
        CredentialClause::Audience(value, span) => Some((value.node.clone(), *span)),
        _ => None,
    });
    let algorithms = clauses.required("algorithms", "[EdDSA]", report, |clause| match clause {
        CredentialClause::Algorithms(names, span) => Some(((names.as_slice(), *span), *span)),
        _ => None,
    });
    let lifetime = clauses.required("lifetime", "15m", report, |clause| match clause {
        CredentialClause::Lifetime(value, span) => Some((value.node, *span)),
        _ => None,
    });
    let leeway = clauses.optional("leeway", report, |clause| match clause {
        CredentialClause::Leeway(value, span) => Some((value.node, *span)),
        _ => None,
    });
    let token_type = clauses.optional("type", report, |clause| match clause {
        CredentialClause::TokenType(value, span) => Some((value.node.clone(), *span)),
        _ => None,
    });
    let fields =
        clauses.required("caller", "{ id: string from \"sub\" }", report, |clause| match clause {
            CredentialClause::Caller(fields, span) => Some((fields.as_slice(), *span)),
            _ => None,
        });
    let claims = claims(fields.unwrap_or(&[]), enumerations, report);
    Checked {
        plan: Credential {
            name: found.name.node.clone(),
            issuer: issuer.unwrap_or_default(),
            audience: audience.unwrap_or_default(),
            algorithms: algorithms
                .map_or_else(Vec::new, |(names, span)| pinned(names, span, report)),
            token_type,
            lifetime: seconds(lifetime.unwrap_or(0)),
            leeway: seconds(leeway.unwrap_or(0)),
            role: claims.iter().position(|claim| claim.kind == ClaimType::Role),
            claims,
        },
    }
}

fn seconds(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

struct Clauses<'a> {
    found: &'a ast::Credential,
    jwt: bool,
}

impl<'a> Clauses<'a> {
    fn optional<T>(
        &self,
        what: &str,
        report: &mut Report,
        value: impl Fn(&'a CredentialClause) -> Option<(T, Span)>,
    ) -> Option<T> {
        let found = self.found.clauses.iter().filter_map(value).collect::<Vec<_>>();
        report.once(what, found)
    }

    fn required<T>(
        &self,
        what: &str,
        example: &str,
        report: &mut Report,
        value: impl Fn(&'a CredentialClause) -> Option<(T, Span)>,
    ) -> Option<T> {
        let found = self.optional(what, report, value);
        if found.is_none() && self.jwt {
            report.add(
                Diagnostic::error(
                    Code::Missing,
                    self.found.name.span,
                    format!("credential `{}` states no `{what}`", self.found.name.node),
                )
                .help(format!("add `{what} {example}`")),
            );
        }
        found
    }
}

fn pinned(names: &[ast::Name], span: Span, report: &mut Report) -> Vec<SignatureAlgorithm> {
    distinct("algorithm", names, report);
    if names.is_empty() {
        report.add(
            Diagnostic::error(Code::BadValue, span, "`algorithms []` accepts no token")
                .help("name one: `EdDSA`, `ES256` or `HS256`"),
        );
    }
    names.iter().filter_map(|name| algorithm(name, report)).collect()
}

fn algorithm(name: &ast::Name, report: &mut Report) -> Option<SignatureAlgorithm> {
    /// The others of RFC 7518 that the language has.
    const LATER: &[&str] =
        &["HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES384"];
    let known = SignatureAlgorithm::ALL.iter().find(|(known, _)| *known == name.node);
    if known.is_none() {
        if LATER.contains(&name.node.as_str()) {
            report.unsupported(&ast::Unsupported { what: name.node.clone(), span: name.span });
        } else {
            let all = SignatureAlgorithm::ALL.iter().map(|(name, _)| *name);
            report.add(
                Diagnostic::error(
                    Code::UnknownName,
                    name.span,
                    format!("no signature algorithm is called `{}`", name.node),
                )
                .help("name some of `EdDSA`, `ES256` and `HS256`")
                .did_you_mean(&name.node, all),
            );
        }
    }
    known.map(|(_, algorithm)| *algorithm)
}

fn claims(fields: &[ast::Claim], enumerations: &[Enumeration], report: &mut Report) -> Vec<Claim> {
    distinct("attribute", fields.iter().map(|field| &field.name), report);
    let claims = fields
        .iter()
        .filter_map(|field| {
            let (kind, optional) = claim_type(&field.kind, enumerations, report)?;
            Some(Claim {
                name: field.name.node.clone(),
                path: field
                    .from
                    .as_ref()
                    .map_or_else(|| vec![field.name.node.clone()], |from| from.node.clone()),
                kind,
                optional,
            })
        })
        .collect::<Vec<_>>();
    let roles = fields
        .iter()
        .filter(|field| matches!(&field.kind.node, TypeKind::Named(name) if name == "role"))
        .map(|field| ((), field.span));
    report.once("an attribute of type role", roles.collect::<Vec<_>>());
    claims
}

fn claim_type(
    kind: &ast::Type,
    enumerations: &[Enumeration],
    report: &mut Report,
) -> Option<(ClaimType, bool)> {
    const KNOWN: &[(&str, ClaimType)] = &[
        ("string", ClaimType::String),
        ("int", ClaimType::Int),
        ("bool", ClaimType::Bool),
        ("uuid", ClaimType::Uuid),
        ("time", ClaimType::Time),
        ("role", ClaimType::Role),
    ];
    match &kind.node {
        TypeKind::Optional(inner) => {
            let (found, _) = claim_type(inner, enumerations, report)?;
            Some((found, true))
        }
        TypeKind::List(_) => {
            report.unsupported(&ast::Unsupported {
                what: "a list in a claim".to_owned(),
                span: kind.span,
            });
            None
        }
        TypeKind::Named(name) => {
            if let Some((_, found)) = KNOWN.iter().find(|(known, _)| known == name) {
                return Some((*found, false));
            }
            if let Some(index) = enumerations.iter().position(|known| known.name == *name) {
                return Some((ClaimType::Enumeration(index), false));
            }
            let later = ["scopes", "permissions", "number", "duration", "ip", "network", "url"];
            if later.contains(&name.as_str()) {
                report.unsupported(&ast::Unsupported {
                    what: format!("a claim of type {name}"),
                    span: kind.span,
                });
                return None;
            }
            let known = KNOWN.iter().map(|(name, _)| *name);
            let known = known.chain(enumerations.iter().map(|known| known.name.as_str()));
            report.add(
                Diagnostic::error(
                    Code::UnknownName,
                    kind.span,
                    format!("no type is called `{name}`"),
                )
                .did_you_mean(name, known),
            );
            None
        }
    }
}
