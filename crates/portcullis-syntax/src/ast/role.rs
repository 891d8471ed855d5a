//! `role` and `enum`: the two kinds of word list.

use super::{Name, Waiver};
use crate::{Span, Spanned};

/// `read:orders`, two to four names joined by colons; `*` may stand for one in a grant.
pub type Permission = Spanned<String>;

/// `role NAME inherits [..] as "wire" { grants }`
#[derive(Debug, Clone)]
pub struct Role {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// The roles whose grants it has too.
    pub inherits: Vec<Name>,
    /// What tokens call it, where that is not its name.
    pub wire: Option<Spanned<String>>,
    /// The permissions that it grants.
    pub grants: Vec<Permission>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// `enum NAME { a b c }`: its order is that of the text.
#[derive(Debug, Clone)]
pub struct Enumeration {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// Its values.
    pub members: Vec<Member>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// One value of an [`Enumeration`].
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: Name,
    /// What the outside calls it, where that is not its name.
    pub wire: Option<Spanned<String>>,
}
