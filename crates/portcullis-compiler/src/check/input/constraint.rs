//! The constraints of a field: which types they speak of, and that none stands twice.

use portcullis_syntax::ast::{self, Constraint, InputTypeKind, Literal, ValueKind};
use portcullis_syntax::{Code, Diagnostic};

use super::super::Report;
use super::super::names::resolve;
use super::Known;
use crate::plan::{Characters, Type};

/// What constraints tell apart of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Text,
    /// An int or a number.
    Number,
    List,
    Url,
    /// Another value.
    Plain,
    /// A nested input.
    Input,
}

impl Class {
    /// The class of a field's type; an input is nested where there is none.
    pub(super) fn of(kind: Option<&Type>, found: &ast::InputType) -> Class {
        match (&found.node, kind) {
            (InputTypeKind::List(..), _) => Class::List,
            (_, Some(Type::String)) => Class::Text,
            (_, Some(Type::Int | Type::Number)) => Class::Number,
            (_, Some(Type::Url)) => Class::Url,
            (_, Some(_)) => Class::Plain,
            (_, None) => Class::Input,
        }
    }
}

/// Checks what depends on no value: names, types and that each stands once.
pub(super) fn check(
    constraints: &[Constraint],
    class: Class,
    found: &ast::InputType,
    known: Known<'_>,
    report: &mut Report,
) {
    for constraint in constraints {
        if !speaks_of(constraint, class) {
            let kind = match &found.node {
                InputTypeKind::Named(name) => name.node.as_str(),
                InputTypeKind::List(..) => "list",
            };
            let message = format!("`{}` says nothing of `{kind}`", constraint.word());
            report.add(
                Diagnostic::error(Code::TypeMismatch, constraint.span(), message)
                    .and(found.span, format!("this is `{kind}`"))
                    .help("take it away"),
            );
        }
        if let Constraint::Through(outbound, _) = constraint {
            let outbounds = known.outbounds.iter().map(|outbound| outbound.name.node.as_str());
            resolve("outbound", outbound, outbounds, report);
        }
    }
    repeated(constraints, report);
}

/// Whether a constraint says something of a type.
pub(super) fn speaks_of(constraint: &Constraint, class: Class) -> bool {
    match constraint {
        Constraint::Trim(_)
        | Constraint::Case(_)
        | Constraint::Format(_)
        | Constraint::Matching(..)
        | Constraint::Containing(..) => class == Class::Text,
        Constraint::Min(..) | Constraint::Max(..) | Constraint::Range(..) => {
            matches!(class, Class::Text | Class::Number | Class::List)
        }
        Constraint::Through(..) => class == Class::Url,
        Constraint::OneOf(..) => !matches!(class, Class::List | Class::Input),
        Constraint::Default(..) => class != Class::Input,
        Constraint::Wire(..) | Constraint::Settable(..) | Constraint::Fault(..) => true,
    }
}

/// `containing [lower, upper, digit, "@$!"]`
pub(super) fn containing(
    value: &ast::Value,
    known: Known<'_>,
    report: &mut Report,
) -> Vec<Characters> {
    const WORDS: [(&str, Characters); 3] =
        [("lower", Characters::Lower), ("upper", Characters::Upper), ("digit", Characters::Digit)];
    const HELP: &str = "it is `lower`, `upper`, `digit` or the characters themselves in quotes";
    let elements = match &value.node {
        ValueKind::List(elements) => elements.as_slice(),
        _ => std::slice::from_ref(value),
    };
    if elements.is_empty() {
        report.add(Diagnostic::error(Code::BadValue, value.span, "`containing []` asks nothing"));
    }
    let mut sets = Vec::new();
    for element in elements {
        let word = match &element.node {
            ValueKind::Name(name) => Some(name.as_str()),
            _ => None,
        };
        if let Some((_, set)) = WORDS.iter().find(|(known, _)| Some(*known) == word) {
            sets.push(set.clone());
            continue;
        }
        if let Some(name) = word.filter(|name| known.settings.constant(name).is_none()) {
            report.add(
                Diagnostic::error(
                    Code::UnknownName,
                    element.span,
                    format!("no kind of character is called `{name}`"),
                )
                .help(HELP)
                .did_you_mean(name, WORDS.map(|(known, _)| known)),
            );
            continue;
        }
        if !matches!(&element.node, ValueKind::Name(_) | ValueKind::Literal(Literal::Text(_))) {
            let fault = "expected a kind of character";
            report.add(Diagnostic::error(Code::TypeMismatch, element.span, fault).help(HELP));
            continue;
        }
        let Some(text) = known.settings.text(element, report) else { continue };
        if text.node.is_empty() {
            let fault = "no character is one of none";
            report.add(Diagnostic::error(Code::BadValue, element.span, fault).help(HELP));
        }
        sets.push(Characters::Of(text.node));
    }
    sets
}

fn repeated(constraints: &[Constraint], report: &mut Report) {
    let mut once = |what: &str, wanted: &dyn Fn(&Constraint) -> bool| {
        let found = constraints.iter().filter(|constraint| wanted(constraint));
        report.once(what, found.map(|constraint| ((), constraint.span())));
    };
    // A range is both bounds.
    once("min", &|found| matches!(found, Constraint::Min(..) | Constraint::Range(..)));
    once("max", &|found| match found {
        Constraint::Max(..) => true,
        Constraint::Range(range, _) => range.high.is_some(),
        _ => false,
    });
    let bounds = |found: &Constraint| {
        matches!(found, Constraint::Min(..) | Constraint::Max(..) | Constraint::Range(..))
    };
    let mut words: Vec<&str> =
        constraints.iter().filter(|found| !bounds(found)).map(Constraint::word).collect();
    words.sort_unstable();
    words.dedup();
    for word in words {
        once(word, &|found| found.word() == word);
    }
}
