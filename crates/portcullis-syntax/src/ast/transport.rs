//! `transport`: what is asked of the connection before anything else.

use super::{Name, Value, Waiver};
use crate::{Span, Spanned};

/// `transport { … }`
#[derive(Debug, Clone)]
pub struct Transport {
    /// The whole declaration.
    pub span: Span,
    /// The word `transport`, for labels.
    pub keyword: Span,
    /// Its clauses.
    pub clauses: Vec<TransportClause>,
}

/// A clause of [`Transport`]; `profiles` are those after `in`, or none where it holds in all.
#[derive(Debug, Clone)]
pub enum TransportClause {
    /// `https required` or `https off`
    Https {
        /// `required` or `off`, or a wrong word that the compiler reports.
        mode: Name,
        /// The profiles after `in`.
        profiles: Vec<Name>,
        /// The whole clause.
        span: Span,
    },
    /// `hsts 365d subdomains preload`
    Hsts {
        /// How long browsers keep to HTTPS.
        max_age: Value,
        /// Where `subdomains` stands, if it does.
        subdomains: Option<Span>,
        /// Where `preload` stands, if it does.
        preload: Option<Span>,
        /// The profiles after `in`.
        profiles: Vec<Name>,
        /// The whole clause.
        span: Span,
    },
    /// `hosts [..]` or `hosts any "reason"`
    Hosts {
        /// The hosts.
        hosts: Hosts,
        /// The profiles after `in`.
        profiles: Vec<Name>,
        /// The whole clause.
        span: Span,
    },
    /// `proxies [10.0.0.0/8]`
    Proxies {
        /// The peers whose word on the client is believed.
        networks: Value,
        /// The profiles after `in`.
        profiles: Vec<Name>,
        /// The whole clause.
        span: Span,
    },
    /// `body_limit SIZE`
    BodyLimit {
        /// A size.
        size: Value,
        /// The profiles after `in`.
        profiles: Vec<Name>,
        /// The whole clause.
        span: Span,
    },
    /// `waive RULE "reason"`
    Waive(Waiver),
}

/// What stands after `hosts`.
#[derive(Debug, Clone)]
pub enum Hosts {
    /// `any "reason"`
    Any(Spanned<String>),
    /// `["shop.example"]`
    Listed(Value),
}
