//! `credential`, and the attributes of the caller that it gives.

use portcullis_syntax::ast::{self, CredentialClause, CredentialKind, TypeKind};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use super::Report;
use super::names::{Names, distinct};
use super::settings::Settings;
use super::types;
use crate::plan::{
    self, CallerAttribute, Claim, ClaimType, Credential, Enumeration, Jwt, SignatureAlgorithm,
};

/// All credentials, and the attributes that their callers may have.
pub(super) fn check(
    names: &Names<'_>,
    enumerations: &[Enumeration],
    settings: &Settings,
    report: &mut Report,
) -> (Vec<Credential>, Vec<CallerAttribute>) {
    prefixes(names, report);
    let mut attributes = Vec::new();
    let credentials = names
        .credentials
        .iter()
        .map(|found| one(found, enumerations, settings, &mut attributes, report));
    (credentials.collect(), attributes)
}

fn one(
    found: &ast::Credential,
    enumerations: &[Enumeration],
    settings: &Settings,
    attributes: &mut Vec<CallerAttribute>,
    report: &mut Report,
) -> Credential {
    let clauses = Clauses { found, jwt: found.kind.node == CredentialKind::Jwt };
    let issuer =
        clauses.required("issuer", "\"https://auth.example\"", report, |clause| match clause {
            CredentialClause::Issuer(value, span) => Some((value, *span)),
            _ => None,
        });
    let audience = clauses.required("audience", "\"my-api\"", report, |clause| match clause {
        CredentialClause::Audience(value, span) => Some((value, *span)),
        _ => None,
    });
    let algorithms = clauses.required("algorithms", "[EdDSA]", report, |clause| match clause {
        CredentialClause::Algorithms(names, span) => Some(((names.as_slice(), *span), *span)),
        _ => None,
    });
    let lifetime = clauses.required("lifetime", "15m", report, |clause| match clause {
        CredentialClause::Lifetime(value, span) => Some((value, *span)),
        _ => None,
    });
    let leeway = clauses.optional("leeway", report, |clause| match clause {
        CredentialClause::Leeway(value, span) => Some((value, *span)),
        _ => None,
    });
    let token_type = clauses.optional("type", report, |clause| match clause {
        CredentialClause::TokenType(value, span) => Some((value, *span)),
        _ => None,
    });
    let revocable = clauses.optional("revocable", report, |clause| match clause {
        CredentialClause::Revocable(span) => Some((*span, *span)),
        _ => None,
    });
    let prefix = clauses.optional("prefix", report, |clause| match clause {
        CredentialClause::Prefix(prefix, span) => Some((prefix, *span)),
        _ => None,
    });
    let fields = clauses.caller("{ id: string from \"sub\" }", report, |clause| match clause {
        CredentialClause::Caller(fields, span) => Some((fields.as_slice(), *span)),
        _ => None,
    });
    let prefix = clauses.prefix(prefix, report);
    if let (false, Some(span)) = (clauses.jwt, revocable) {
        report.add(
            Diagnostic::error(Code::Conflict, span, "an `opaque` credential needs no `revocable`")
                .and(found.kind.span, "opaque by this: it is looked up each time")
                .help("take it away"),
        );
    }
    let text = |value: Option<&ast::Value>, report: &mut Report| {
        let text = value.and_then(|value| settings.text(value, report))?;
        if text.node.is_empty() {
            let message = "expected a text, found an empty one";
            report.add(Diagnostic::error(Code::BadValue, text.span, message));
        }
        Some(text.node)
    };
    let mut duration = |value: Option<&ast::Value>| {
        value.and_then(|value| settings.duration(value, report)).map_or(0, |found| found.node)
    };
    let (lifetime, leeway) = (seconds(duration(lifetime)), seconds(duration(leeway)));
    let jwt = Jwt {
        issuer: text(issuer, report).unwrap_or_default(),
        audience: text(audience, report).unwrap_or_default(),
        algorithms: algorithms.map_or_else(Vec::new, |(names, span)| pinned(names, span, report)),
        token_type: token_type.and_then(|found| text(Some(found), report)),
        lifetime,
        leeway,
        revocable,
    };
    Credential {
        name: found.name.node.clone(),
        span: found.name.span,
        kind: match clauses.jwt {
            true => plan::CredentialKind::Jwt(jwt),
            false => plan::CredentialKind::Opaque { prefix },
        },
        claims: claims(fields.unwrap_or(&[]), enumerations, attributes, report),
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

    /// A clause that a JSON Web Token needs and that no other credential has.
    fn required<T>(
        &self,
        what: &str,
        example: &str,
        report: &mut Report,
        value: impl Fn(&'a CredentialClause) -> Option<(T, Span)>,
    ) -> Option<T> {
        if self.jwt {
            return self.caller_or(what, example, report, value);
        }
        let found = self.found.clauses.iter().filter_map(value);
        for (_, span) in found {
            report.add(
                Diagnostic::error(
                    Code::Conflict,
                    span,
                    format!("an `opaque` credential has no `{what}`"),
                )
                .and(self.found.kind.span, "opaque by this")
                .help("take it away; it stands in a `jwt` credential"),
            );
        }
        None
    }

    /// `caller { … }`, which every credential has.
    fn caller<T>(
        &self,
        example: &str,
        report: &mut Report,
        value: impl Fn(&'a CredentialClause) -> Option<(T, Span)>,
    ) -> Option<T> {
        self.caller_or("caller", example, report, value)
    }

    fn caller_or<T>(
        &self,
        what: &str,
        example: &str,
        report: &mut Report,
        value: impl Fn(&'a CredentialClause) -> Option<(T, Span)>,
    ) -> Option<T> {
        let found = self.optional(what, report, value);
        if found.is_none() {
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

    /// What an opaque token begins with: by it one is told from a JSON Web Token, and found where it has
    /// leaked to.
    fn prefix(&self, prefix: Option<&Spanned<String>>, report: &mut Report) -> String {
        match (self.jwt, prefix) {
            (true, Some(prefix)) => report.add(
                Diagnostic::error(Code::Conflict, prefix.span, "a JSON Web Token has no `prefix`")
                    .help("take it away; it stands in an `opaque` credential"),
            ),
            (false, None) => report.add(
                Diagnostic::error(
                    Code::Missing,
                    self.found.name.span,
                    format!("credential `{}` states no `prefix`", self.found.name.node),
                )
                .help(format!("add `prefix \"{}_\"`", self.found.name.node)),
            ),
            (false, Some(prefix)) if !is_prefix(&prefix.node) => report.add(
                Diagnostic::error(
                    Code::BadValue,
                    prefix.span,
                    "a prefix has 2 to 32 letters, digits and `_`, and ends in `_`",
                )
                .help("name the service and the kind of token, such as `\"shop_pat_\"`"),
            ),
            _ => {}
        }
        prefix.map(|prefix| prefix.node.clone()).unwrap_or_default()
    }
}

/// It has no `.`, which every JSON Web Token has.
fn is_prefix(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.ends_with('_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Two kinds of opaque token that begin alike could be taken for each other.
fn prefixes(names: &Names<'_>, report: &mut Report) {
    let mut seen: Vec<&Spanned<String>> = Vec::new();
    for found in names.credentials.iter().flat_map(|found| &found.clauses) {
        let CredentialClause::Prefix(prefix, _) = found else {
            continue;
        };
        let other = seen.iter().find(|other| {
            other.node.starts_with(&prefix.node) || prefix.node.starts_with(&other.node)
        });
        if let Some(other) = other {
            report.add(
                Diagnostic::error(Code::Conflict, prefix.span, "two prefixes begin alike")
                    .and(other.span, "the other one")
                    .help("let neither begin with the whole of the other"),
            );
        }
        seen.push(prefix);
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
    let known = SignatureAlgorithm::ALL.iter().find(|(known, _)| *known == name.node);
    if known.is_none() {
        let message = format!("no signature algorithm is called `{}`", name.node);
        let fault = Diagnostic::error(Code::UnknownName, name.span, message);
        let all = SignatureAlgorithm::ALL.iter().map(|(name, _)| *name);
        report.add(match name.node.as_str() {
            "ES512" | "ES256K" => {
                fault.help("its curve has no verifier here: sign by `ES384` or `EdDSA`")
            }
            other => fault
                .help(format!("it has `{}`", all.clone().collect::<Vec<_>>().join("`, `")))
                .did_you_mean(other, all),
        });
    }
    known.map(|(_, algorithm)| *algorithm)
}

fn claims(
    fields: &[ast::Claim],
    enumerations: &[Enumeration],
    attributes: &mut Vec<CallerAttribute>,
    report: &mut Report,
) -> Vec<Claim> {
    distinct("attribute", fields.iter().map(|field| &field.name), report);
    let mut claims = Vec::new();
    let mut special: Vec<(ClaimType, Span)> = Vec::new();
    for field in fields {
        let Some((kind, optional)) = claim_type(&field.kind, enumerations, report) else {
            continue;
        };
        if !matches!(kind, ClaimType::Plain(_)) {
            special.push((kind.clone(), field.span));
        }
        let attribute = CallerAttribute { name: field.name.node.clone(), kind };
        let slot = attributes.iter().position(|known| *known == attribute).unwrap_or_else(|| {
            attributes.push(attribute);
            attributes.len() - 1
        });
        if let Some(from) = &field.from
            && (from.node.is_empty() || from.node.iter().any(String::is_empty))
        {
            report.add(
                Diagnostic::error(Code::BadValue, from.span, "no claim has an empty name")
                    .help("a dot descends: `\"realm_access.roles\"`; a name with dots of its own stands in brackets"),
            );
        }
        let path = field.from.as_ref().map(|from| from.node.clone());
        claims.push(Claim {
            attribute: slot,
            path: path.unwrap_or_else(|| vec![field.name.node.clone()]),
            optional,
        });
    }
    let of = |wanted: &[ClaimType]| {
        let found = special.iter().filter(|(kind, _)| wanted.contains(kind));
        found.map(|(_, span)| ((), *span)).collect::<Vec<_>>()
    };
    report.once("an attribute of type role", of(&[ClaimType::Role, ClaimType::Roles]));
    report.once("an attribute of type permissions", of(&[ClaimType::Permissions]));
    report.once("an attribute of type scopes", of(&[ClaimType::Scopes]));
    claims
}

/// The types that stand in `caller` alone.
const CALLERS: [&str; 3] = ["role", "permissions", "scopes"];

fn claim_type(
    found: &ast::Type,
    enumerations: &[Enumeration],
    report: &mut Report,
) -> Option<(ClaimType, bool)> {
    match &found.node {
        TypeKind::Named(name)
            if CALLERS.contains(&name.as_str())
                && enumerations.iter().any(|known| known.name == *name) =>
        {
            let meanings = [(true, "what a caller is or may do"), (true, "an enum")];
            types::is_ambiguous(name, found.span, &meanings, report);
            return None;
        }
        TypeKind::Named(name) => match name.as_str() {
            "role" => return Some((ClaimType::Role, false)),
            "permissions" => return Some((ClaimType::Permissions, false)),
            "scopes" => return Some((ClaimType::Scopes, false)),
            _ => {}
        },
        TypeKind::List(inner) => {
            if matches!(&inner.node, TypeKind::Named(name) if name == "role") {
                return Some((ClaimType::Roles, false));
            }
        }
        TypeKind::Optional(inner) => {
            let (kind, optional) = claim_type(inner, enumerations, report)?;
            if optional {
                report.add(Diagnostic::error(Code::BadValue, found.span, "`??` says `?` twice"));
            }
            return Some((kind, true));
        }
    }
    let (kind, optional) = types::attribute_or(found, enumerations, &[], &CALLERS, report)?;
    Some((ClaimType::Plain(kind), optional))
}
