//! `credential`: how a caller proves who they are, and what is known of them then.

use super::{Name, Type, Value, Waiver};
use crate::{Span, Spanned};

/// `credential NAME KIND { … }`
#[derive(Debug, Clone)]
pub struct Credential {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// `jwt` or `opaque`.
    pub kind: Spanned<CredentialKind>,
    /// Its clauses.
    pub clauses: Vec<CredentialClause>,
}

/// The kinds of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// A random token looked up by its hash.
    Opaque,
}

/// A clause of [`Credential`].
#[derive(Debug, Clone)]
pub enum CredentialClause {
    /// `issuer "…"`
    Issuer(Value, Span),
    /// `audience "…"`
    Audience(Value, Span),
    /// `algorithms [HS256, …]`
    Algorithms(Vec<Name>, Span),
    /// `type "at+jwt"`
    TokenType(Value, Span),
    /// `lifetime 15m`
    Lifetime(Value, Span),
    /// `leeway 30s`
    Leeway(Value, Span),
    /// `revocable`
    Revocable(Span),
    /// `prefix "shop_"`
    Prefix(Spanned<String>, Span),
    /// `caller { … }`
    Caller(Vec<Claim>, Span),
    /// `waive RULE "reason"`
    Waive(Waiver),
}

/// `name: type from "claim"`: one attribute of the caller.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The whole field.
    pub span: Span,
    /// The attribute's name in the policy.
    pub name: Name,
    /// Its type.
    pub kind: Type,
    /// The claim's path after `from`; a dot in the text has been split.
    pub from: Option<Spanned<Vec<String>>>,
}
