//! `setting`: what differs between environments.

use super::{Name, Type, Value, Waiver};
use crate::Span;

/// `setting NAME: TYPE { PROFILE VALUE … }` or `setting NAME: TYPE from host`
#[derive(Debug, Clone)]
pub struct Setting {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: Type,
    /// Where `from host` stands, if it does.
    pub from_host: Option<Span>,
    /// Its value in each profile, or in `always`.
    pub values: Vec<(Name, Value)>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}
