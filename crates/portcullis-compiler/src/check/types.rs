//! The declarations that others refer to, once checked; and types by their names.

use portcullis_syntax::ast::{self, TypeKind};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::access::{Access, wire_names};
use super::names::{Names, distinct};
use super::settings::Settings;
use super::{Report, budget, input, resource};
use crate::plan::{CallerAttribute, Credential, Enumeration, Type};

/// What is known so far.
pub(super) struct Table<'a> {
    pub(super) settings: Settings,
    pub(super) access: Access,
    pub(super) enumerations: Vec<Enumeration>,
    /// The attributes that callers may have, of all credentials.
    pub(super) caller: Vec<CallerAttribute>,
    pub(super) credentials: Vec<Credential>,
    pub(super) inputs: Vec<input::Checked>,
    pub(super) budgets: Vec<budget::Checked<'a>>,
    pub(super) resources: Vec<resource::Checked<'a>>,
    pub(super) actions: Vec<&'a ast::Action>,
    /// Whether answers tell what is left of budgets.
    pub(super) tells_budgets: bool,
    /// How many conditions were looked at, predicates written out.
    pub(super) written: usize,
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
            let wires = found.members.iter();
            let wires = wires.map(|member| member.wire.as_ref().unwrap_or(&member.name));
            wire_names(&format!("values of `{}`", found.name.node), wires, report);
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

pub(super) fn is_scalar(name: &str) -> bool {
    SCALARS.iter().any(|(known, _)| *known == name)
}

/// A type as written: what it is, and whether it may be absent.
pub(super) fn attribute(
    found: &ast::Type,
    enumerations: &[Enumeration],
    resources: &[&ast::Resource],
    report: &mut Report,
) -> Option<(Type, bool)> {
    attribute_or(found, enumerations, resources, &[], report)
}

/// As [`attribute`], in a place that has `more` types, which an author may have meant.
pub(super) fn attribute_or(
    found: &ast::Type,
    enumerations: &[Enumeration],
    resources: &[&ast::Resource],
    more: &[&str],
    report: &mut Report,
) -> Option<(Type, bool)> {
    match &found.node {
        TypeKind::Optional(inner) => {
            let (kind, optional) = attribute_or(inner, enumerations, resources, more, report)?;
            if optional {
                report.add(Diagnostic::error(Code::BadValue, found.span, "`??` says `?` twice"));
            }
            Some((kind, true))
        }
        TypeKind::List(inner) => {
            let (kind, optional) = attribute_or(inner, enumerations, resources, more, report)?;
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
            named(name, found.span, enumerations, resources, more, report).map(|kind| (kind, false))
        }
    }
}

/// A type by its name.
pub(super) fn named(
    name: &str,
    span: Span,
    enumerations: &[Enumeration],
    resources: &[&ast::Resource],
    more: &[&str],
    report: &mut Report,
) -> Option<Type> {
    let scalar = SCALARS.iter().find(|(known, _)| *known == name).map(|(_, kind)| kind.clone());
    let enumeration = enumerations.iter().position(|known| known.name == name);
    let resource = resources.iter().position(|resource| resource.name.node == name);
    let meanings = [
        (scalar.is_some(), "a type of the language"),
        (enumeration.is_some(), "an enum"),
        (resource.is_some(), "a resource"),
    ];
    if is_ambiguous(name, span, &meanings, report) {
        return None;
    }
    let found = scalar.or(enumeration.map(Type::Enumeration)).or(resource.map(Type::Resource));
    if found.is_some() {
        return found;
    }
    let known = SCALARS.iter().map(|(name, _)| *name).chain(more.iter().copied());
    let known = known.chain(enumerations.iter().map(|known| known.name.as_str()));
    let known = known.chain(resources.iter().map(|known| known.name.node.as_str()));
    report.add(
        Diagnostic::error(Code::UnknownName, span, format!("no type is called `{name}`"))
            .did_you_mean(name, known),
    );
    None
}

/// Whether a name means two things in one place; a fault where it does.
pub(super) fn is_ambiguous(
    name: &str,
    span: Span,
    meanings: &[(bool, &str)],
    report: &mut Report,
) -> bool {
    let meanings: Vec<_> = meanings.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
    if meanings.len() < 2 {
        return false;
    }
    let message = format!("`{name}` is {}", meanings.join(" and "));
    report.add(Diagnostic::error(Code::Ambiguous, span, message).help("rename one of them"));
    true
}

/// A type as the author would write it.
pub(super) fn describe(
    kind: &Type,
    enumerations: &[Enumeration],
    resources: &[resource::Checked<'_>],
) -> String {
    match kind {
        Type::Enumeration(index) => {
            enumerations.get(*index).map_or_else(|| "enum".to_owned(), |found| found.name.clone())
        }
        Type::Resource(index) => resources
            .get(*index)
            .map_or_else(|| "object".to_owned(), |found| found.plan.name.clone()),
        Type::List(inner) => format!("[{}]", describe(inner, enumerations, resources)),
        scalar => SCALARS
            .iter()
            .find(|(_, known)| known == scalar)
            .map_or_else(String::new, |(name, _)| (*name).to_owned()),
    }
}
