//! The declarations that others refer to, once checked; and types by their names.

use portcullis_syntax::ast::{self, TypeKind};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::access::Access;
use super::names::{Names, distinct};
use super::{Report, budget, credential, input, resource};
use crate::plan::{Enumeration, Type};

/// What is known so far.
pub(super) struct Table<'a> {
    pub(super) access: Access,
    pub(super) enumerations: Vec<Enumeration>,
    pub(super) credentials: Vec<credential::Checked>,
    pub(super) inputs: Vec<input::Checked>,
    pub(super) budgets: Vec<budget::Checked<'a>>,
    pub(super) resources: Vec<resource::Checked>,
}

pub(super) fn enumerations(names: &Names<'_>, report: &mut Report) -> Vec<Enumeration> {
    names
        .enumerations
        .iter()
        .map(|found| {
            distinct("value", found.members.iter().map(|member| &member.name), report);
            if found.members.is_empty() {
                report.add(Diagnostic::error(
                    Code::Missing,
                    found.name.span,
                    format!("enum `{}` has no value", found.name.node),
                ));
            }
            Enumeration {
                name: found.name.node.clone(),
                members: found
                    .members
                    .iter()
                    .map(|member| {
                        let name = member.name.node.clone();
                        let wire = member.wire.as_ref().map_or(&name, |wire| &wire.node).clone();
                        (name, wire)
                    })
                    .collect(),
            }
        })
        .collect()
}

/// The names of the types that an attribute may have.
const SCALARS: &[(&str, Type)] = &[
    ("string", Type::String),
    ("int", Type::Int),
    ("number", Type::Number),
    ("bool", Type::Bool),
    ("time", Type::Time),
    ("duration", Type::Duration),
    ("ip", Type::Ip),
    ("network", Type::Network),
    ("uuid", Type::Uuid),
    ("url", Type::Url),
];

/// A type as written: what it is, and whether it may be absent.
pub(super) fn attribute(
    found: &ast::Type,
    enumerations: &[Enumeration],
    resources: &[&ast::Resource],
    report: &mut Report,
) -> Option<(Type, bool)> {
    match &found.node {
        TypeKind::Optional(inner) => {
            let (kind, optional) = attribute(inner, enumerations, resources, report)?;
            if optional {
                report.add(Diagnostic::error(Code::BadValue, found.span, "`??` says `?` twice"));
            }
            Some((kind, true))
        }
        TypeKind::List(inner) => {
            let (kind, optional) = attribute(inner, enumerations, resources, report)?;
            if optional || matches!(kind, Type::List(_)) {
                report.add(Diagnostic::error(
                    Code::BadValue,
                    inner.span,
                    "a list holds plain values, neither lists nor what may be absent",
                ));
                return None;
            }
            Some((Type::List(Box::new(kind)), false))
        }
        TypeKind::Named(name) => {
            named(name, found.span, enumerations, resources, report).map(|kind| (kind, false))
        }
    }
}

fn named(
    name: &str,
    span: Span,
    enumerations: &[Enumeration],
    resources: &[&ast::Resource],
    report: &mut Report,
) -> Option<Type> {
    if let Some((_, kind)) = SCALARS.iter().find(|(known, _)| *known == name) {
        return Some(kind.clone());
    }
    if let Some(index) = enumerations.iter().position(|known| known.name == name) {
        return Some(Type::Enumeration(index));
    }
    if resources.iter().any(|resource| resource.name.node == name) {
        report.unsupported(&ast::Unsupported { what: format!("nested {name}"), span });
        return None;
    }
    let known = SCALARS.iter().map(|(name, _)| *name);
    let known = known.chain(enumerations.iter().map(|known| known.name.as_str()));
    report.add(
        Diagnostic::error(Code::UnknownName, span, format!("no type is called `{name}`"))
            .did_you_mean(name, known),
    );
    None
}

/// A type as the author would write it.
pub(super) fn describe(kind: &Type, enumerations: &[Enumeration]) -> String {
    match kind {
        Type::Enumeration(index) => {
            enumerations.get(*index).map_or_else(|| "enum".to_owned(), |found| found.name.clone())
        }
        Type::List(inner) => format!("[{}]", describe(inner, enumerations)),
        scalar => SCALARS
            .iter()
            .find(|(_, known)| known == scalar)
            .map_or_else(String::new, |(name, _)| (*name).to_owned()),
    }
}
