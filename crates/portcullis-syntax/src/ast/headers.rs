//! `headers`: what every answer says to browsers.

use super::{InProfiles, Name, Value, Waiver};
use crate::Span;

/// `headers { … }`
#[derive(Debug, Clone)]
pub struct Headers {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// The word `headers`, for labels.
    pub keyword: Span,
    /// Its clauses.
    pub clauses: Vec<InProfiles<HeadersClause>>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// A clause of [`Headers`].
#[derive(Debug, Clone)]
pub enum HeadersClause {
    /// `csp { default_src [self] }`
    Csp(Csp),
    /// `remove ["Server"]`
    Remove(Value),
    /// `frame_options deny`
    Set {
        /// The header's name in the language.
        header: Name,
        /// A word of that header's, a setting, or a text.
        value: Value,
    },
}

/// A content security policy.
#[derive(Debug, Clone)]
pub struct Csp {
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// `img_src [self, "data:"]`
#[derive(Debug, Clone)]
pub struct Directive {
    /// Its name in the language, with `_` for `-`.
    pub name: Name,
    /// What it allows; none for a directive that takes nothing.
    pub sources: Option<Value>,
    /// The whole directive.
    pub span: Span,
}
