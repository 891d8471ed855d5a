//! Cross-origin resource sharing: which pages may read what.

use portcullis_syntax::Span;

/// What pages of other origins may do, as the Fetch standard has it.
#[derive(Debug, Clone)]
pub struct Cors {
    /// The origins.
    pub origins: Origins,
    /// The methods that a preflight may ask for.
    pub methods: Vec<String>,
    /// The request headers that a preflight may ask for, as the author wrote them.
    pub headers: Vec<String>,
    /// The response headers that a page may read, as the author wrote them.
    pub expose: Vec<String>,
    /// Whether cookies and the like go with a request.
    pub credentials: bool,
    /// For how many seconds a browser may keep the answer to a preflight.
    pub max_age: Option<u64>,
    /// Where the text says so.
    pub places: CorsPlaces,
}

/// Whose pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// `"*"`: everybody's.
    Any,
    /// Those of these origins, each as a browser sends it.
    Listed(Vec<String>),
}

/// The clauses of `cors` that hold; `cors` itself for one that is left out.
#[derive(Debug, Clone)]
pub struct CorsPlaces {
    /// `origins …`
    pub origins: Span,
    /// `methods …`
    pub methods: Span,
    /// `headers …`
    pub headers: Span,
}
