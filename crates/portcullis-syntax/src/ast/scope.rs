//! `scope`: what a token's scope stands for.

use super::{Name, Permission, Waiver};
use crate::{Span, Spanned};

/// `scope NAME as "wire" { permissions }`
#[derive(Debug, Clone)]
pub struct Scope {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// What tokens call it, where that is not its name.
    pub wire: Option<Spanned<String>>,
    /// The permissions that it stands for.
    pub permissions: Vec<Permission>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}
