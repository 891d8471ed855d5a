//! `invariant`: what must hold for every request.

use super::{Expression, Name, Path, Pattern, Waiver};
use crate::{Span, Spanned};

/// `invariant "title" { on … PROPERTY implies … }`
#[derive(Debug, Clone)]
pub struct Invariant {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// What it says, in the author's words.
    pub title: Spanned<String>,
    /// The routes that it speaks of; all, where there is none.
    pub on: Vec<On>,
    /// What is asked about.
    pub property: Spanned<Property>,
    /// What must then hold.
    pub implied: Expression,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// `on GET [/api/**] except /api/auth/**`
#[derive(Debug, Clone)]
pub struct On {
    /// The method; any, where there is none.
    pub method: Option<Name>,
    /// The paths.
    pub patterns: Vec<Pattern>,
    /// The paths after `except`.
    pub except: Vec<Pattern>,
    /// The whole clause.
    pub span: Span,
}

/// What an [`Invariant`] asks about.
#[derive(Debug, Clone)]
pub enum Property {
    /// `allowed`
    Allowed,
    /// `reveals user.email`
    Reveals {
        /// The resource.
        resource: Name,
        /// The attribute.
        field: Name,
    },
    /// `writes body.total`
    Writes(Path),
}
