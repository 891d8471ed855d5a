//! `input`, and the blocks of fields that stand in routes.

use portcullis_syntax::ast::{self, Bound, Constraint, InputTypeKind, Literal};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::constraint::{self, Class, speaks_of};
use super::expression::constant;
use super::names::{Names, distinct, resolve};
use super::settings::Settings;
use super::types;
use crate::plan::{Constant, Enumeration, Field, FieldType, Type};

/// An input by its name.
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) fields: Vec<Declared>,
}

/// A field as conditions may name it. What this version cannot enforce has been refused by name and
/// is no field of the plan.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) name: String,
    /// Where its name stands.
    pub(super) span: Span,
    /// Its type; nothing where conditions cannot read it.
    pub(super) kind: Option<Type>,
    pub(super) optional: bool,
    pub(super) plan: Option<Field>,
}

/// What the fields of an input are checked with.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) settings: &'a Settings,
    pub(super) enumerations: &'a [Enumeration],
    pub(super) inputs: &'a [&'a ast::Input],
    pub(super) outbounds: &'a [&'a ast::Outbound],
}

pub(super) fn check(names: &Names<'_>, known: Known<'_>, report: &mut Report) -> Vec<Checked> {
    names
        .inputs
        .iter()
        .map(|found| {
            let later = found.rules.iter().map(|rules| ("rules", rules.span));
            let later = later.chain(found.checks.iter().map(|check| ("check", check.span)));
            later.for_each(|(what, span)| report.unsupported(what, span));
            let fields = fields(&found.fields, known, report);
            let declared = found.fields.iter().map(|field| field.name.node.as_str());
            for check in &found.checks {
                resolve("field here", &check.at, declared.clone(), report);
            }
            rules(&found.rules, report);
            Checked { name: found.name.node.clone(), fields }
        })
        .collect()
}

/// `rules { present 1.. unknown refuse }`
fn rules(found: &[ast::Rules], report: &mut Report) {
    let Some(rules) = report.once("rules", found.iter().map(|rules| (rules, rules.span))) else {
        return;
    };
    report.once("unknown", rules.unknown.iter().map(|unknown| ((), unknown.span)));
    let present = rules.present.iter().map(|present| (present, present.span));
    let Some(present) = report.once("present", present) else {
        return;
    };
    let mut bounds = Bounds::default();
    bounds.range(&present.node, present.span, report);
    if let (Some(low), _) = bounds.settle(FieldType::Int, report)
        && low < 0
    {
        let fault = "a number of fields is not negative";
        report.add(Diagnostic::error(Code::BadValue, present.span, fault));
    }
}

/// The fields that the plan has.
pub(super) fn planned(fields: &[Declared]) -> Vec<Field> {
    fields.iter().filter_map(|field| field.plan.clone()).collect()
}

/// Checks a block of fields.
pub(super) fn fields(found: &[ast::Field], known: Known<'_>, report: &mut Report) -> Vec<Declared> {
    distinct("field", found.iter().map(|field| &field.name), report);
    found.iter().filter_map(|found| declared(found, known, report)).collect()
}

fn declared(found: &ast::Field, known: Known<'_>, report: &mut Report) -> Option<Declared> {
    let kind = field_kind(&found.kind, known, report)?;
    let class = Class::of(kind.of_conditions().as_ref(), &found.kind);
    constraint::check(&found.constraints, class, &found.kind, known, report);
    let later = found.constraints.iter().filter(|constraint| is_later(constraint));
    let later = later.map(|constraint| (constraint.word(), constraint.span()));
    let null = found.kind.or_null.map(|span| ("or null", span));
    let mut supported = true;
    for (what, span) in later.chain(null) {
        report.unsupported(what, span);
        supported = false;
    }
    let plan = match &kind {
        FieldKind::Enforced(kind) => field(found, *kind, supported, known, report),
        FieldKind::Later(_) => {
            report.unsupported(&type_name(&found.kind), found.kind.span);
            None
        }
    };
    let defaulted = found.constraints.iter().any(|one| matches!(one, Constraint::Default(..)));
    Some(Declared {
        name: found.name.node.clone(),
        span: found.name.span,
        kind: kind.of_conditions(),
        optional: found.kind.optional && !defaulted,
        plan,
    })
}

/// What a later version enforces.
fn is_later(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Trim(_)
        | Constraint::Min(..)
        | Constraint::Max(..)
        | Constraint::Range(..)
        | Constraint::OneOf(..)
        | Constraint::Default(..) => false,
        Constraint::Case(_)
        | Constraint::Format(_)
        | Constraint::Matching(..)
        | Constraint::Containing(..)
        | Constraint::Through(..)
        | Constraint::Wire(..)
        | Constraint::Settable(..)
        | Constraint::Fault(..) => true,
    }
}

fn value_type(kind: FieldType) -> Type {
    match kind {
        FieldType::String => Type::String,
        FieldType::Int => Type::Int,
        FieldType::Uuid => Type::Uuid,
    }
}

/// What a field may be.
enum FieldKind {
    Enforced(FieldType),
    /// For a later version; the type that conditions see, if it is one that they can read.
    Later(Option<Type>),
}

impl FieldKind {
    /// The type that conditions see.
    fn of_conditions(&self) -> Option<Type> {
        match self {
            FieldKind::Enforced(kind) => Some(value_type(*kind)),
            FieldKind::Later(kind) => kind.clone(),
        }
    }
}

fn type_name(found: &ast::InputType) -> String {
    match &found.node {
        InputTypeKind::Named(name) => format!("an input of type {}", name.node),
        InputTypeKind::List(..) => "an input that is a list".to_owned(),
    }
}

fn field_kind(found: &ast::InputType, known: Known<'_>, report: &mut Report) -> Option<FieldKind> {
    const ENFORCED: &[(&str, FieldType)] =
        &[("string", FieldType::String), ("int", FieldType::Int), ("uuid", FieldType::Uuid)];
    let name = match &found.node {
        InputTypeKind::Named(name) => name,
        InputTypeKind::List(element, constraints) => {
            let kind = field_kind(element, known, report)?.of_conditions();
            let class = Class::of(kind.as_ref(), element);
            constraint::check(constraints, class, element, known, report);
            let list = kind.map(|element| Type::List(Box::new(element)));
            return Some(FieldKind::Later(list));
        }
    };
    let scalar = ENFORCED.iter().find(|(known, _)| *known == name.node);
    let is_input = known.inputs.iter().any(|input| input.name.node == name.node);
    let is_enum = known.enumerations.iter().any(|found| found.name == name.node);
    let meanings = [
        (types::is_scalar(&name.node), "a type of the language"),
        (is_enum, "an enum"),
        (is_input, "an input"),
    ];
    if types::is_ambiguous(&name.node, name.span, &meanings, report) {
        return None;
    }
    if let Some((_, kind)) = scalar {
        return Some(FieldKind::Enforced(*kind));
    }
    if is_input {
        return Some(FieldKind::Later(None));
    }
    let inputs: Vec<_> = known.inputs.iter().map(|input| input.name.node.as_str()).collect();
    let kind = types::named(&name.node, name.span, known.enumerations, &[], &inputs, report)?;
    Some(FieldKind::Later(Some(kind)))
}

fn field(
    found: &ast::Field,
    kind: FieldType,
    supported: bool,
    known: Known<'_>,
    report: &mut Report,
) -> Option<Field> {
    let mut bounds = Bounds::default();
    let mut field = Field {
        name: found.name.node.clone(),
        span: found.span,
        kind,
        optional: found.kind.optional,
        trim: false,
        min: None,
        max: None,
        one_of: Vec::new(),
        default: None,
    };
    let settings = known.settings;
    let mut choices: Vec<(Constant, Span)> = Vec::new();
    for constraint in &found.constraints {
        if !speaks_of(constraint, Class::of(Some(&value_type(kind)), &found.kind)) {
            continue;
        }
        match constraint {
            Constraint::Trim(_) => field.trim = true,
            Constraint::Min(value, span) => {
                let found =
                    settings.literal(value, "a literal", report, |found| Some(found.clone()));
                bounds.min(&found?.node, *span, report);
            }
            Constraint::Max(value, span) => {
                let found =
                    settings.literal(value, "a literal", report, |found| Some(found.clone()));
                bounds.max(&found?.node, *span, report);
            }
            Constraint::Range(range, span) => bounds.range(range, *span, report),
            Constraint::OneOf(values, _) => {
                choices = one_of(values, kind, settings, report)?;
            }
            Constraint::Default(value, _) => {
                field.default = Some(value_of(value, kind, settings, report)?);
            }
            _ => {}
        }
    }
    (field.min, field.max) = bounds.settle(kind, report);
    for (choice, span) in &choices {
        let trimmed = !field.trim || !matches!(choice, Constant::Text(text) if text.trim() != text);
        if !trimmed || !fits(&field, choice) {
            let message = format!("`{}` is never this by its own constraints", field.name);
            let fault = Diagnostic::error(Code::BadValue, *span, message);
            report.add(fault.help("take the value away, or change the constraint"));
        }
    }
    field.one_of = choices.into_iter().map(|(choice, _)| choice).collect();
    if supported {
        bounded(&field, found, report);
    }
    if field.optional && field.default.is_some() {
        report.add(
            Diagnostic::error(
                Code::Conflict,
                found.span,
                format!("`{}` is never absent", field.name),
            )
            .label("it has a default")
            .help("take the `?` or the `default` away"),
        );
    }
    let default = found.constraints.iter().find_map(|constraint| match constraint {
        Constraint::Default(value, _) => Some(value),
        _ => None,
    });
    if let (Some(constant), Some(place)) = (&field.default, default)
        && !fits(&field, constant)
    {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                place.span,
                format!("the default of `{}` does not fulfil its own constraints", field.name),
            )
            .help("change the default or the constraint"),
        );
    }
    supported.then_some(field)
}

#[derive(Default)]
struct Bounds {
    low: Option<(i64, Span)>,
    high: Option<(i64, Span)>,
}

impl Bounds {
    fn min(&mut self, literal: &Literal, span: Span, report: &mut Report) {
        self.low = self.low.or(whole(literal, span, report).map(|value| (value, span)));
    }

    fn max(&mut self, literal: &Literal, span: Span, report: &mut Report) {
        self.high = self.high.or(whole(literal, span, report).map(|value| (value, span)));
    }

    fn range(&mut self, range: &ast::Range, span: Span, report: &mut Report) {
        let literal = |bound: Bound| match bound {
            Bound::Int(value) => Literal::Int(value),
            Bound::Number(value) => Literal::Number(value),
        };
        self.min(&literal(range.low), span, report);
        if let Some(high) = range.high {
            self.max(&literal(high), span, report);
        }
    }

    fn settle(&self, kind: FieldType, report: &mut Report) -> (Option<i64>, Option<i64>) {
        if let (Some((low, first)), Some((high, second))) = (self.low, self.high)
            && low > high
        {
            let message = format!("nothing is at least {low} and at most {high}");
            let fault = Diagnostic::error(Code::BadValue, second, message).help("swap them");
            report.add(if first == second { fault } else { fault.and(first, "the least") });
        }
        let negative = [self.low, self.high].into_iter().flatten().find(|(value, _)| *value < 0);
        if let (FieldType::String, Some((_, span))) = (kind, negative) {
            report.add(Diagnostic::error(
                Code::BadValue,
                span,
                "a number of characters is not negative",
            ));
        }
        (self.low.map(|(value, _)| value), self.high.map(|(value, _)| value))
    }
}

fn whole(literal: &Literal, span: Span, report: &mut Report) -> Option<i64> {
    if let Literal::Int(value) = literal {
        return Some(*value);
    }
    report.add(Diagnostic::error(Code::TypeMismatch, span, "expected a whole number"));
    None
}

fn one_of(
    value: &ast::Value,
    kind: FieldType,
    settings: &Settings,
    report: &mut Report,
) -> Option<Vec<(Constant, Span)>> {
    let values = settings.list(value, "a list like `[\"a\", \"b\"]`", report)?;
    if values.is_empty() {
        report.add(Diagnostic::error(Code::BadValue, value.span, "`one of []` accepts nothing"));
    }
    let mut constants = Vec::new();
    for value in &values {
        constants.push((value_of(value, kind, settings, report)?, value.span));
    }
    Some(constants)
}

fn value_of(
    value: &ast::Value,
    kind: FieldType,
    settings: &Settings,
    report: &mut Report,
) -> Option<Constant> {
    let literal = settings.literal(value, "a literal", report, |found| Some(found.clone()))?;
    let expected = value_type(kind);
    let (found, found_type) = constant(&literal.node, Some(&expected), value.span, report)?;
    if found_type == expected {
        return Some(found);
    }
    report.add(Diagnostic::error(
        Code::TypeMismatch,
        value.span,
        format!("expected a value of type `{}`", kind.as_str()),
    ));
    None
}

/// Text without an upper bound lets a client choose how much the service stores.
fn bounded(field: &Field, found: &ast::Field, report: &mut Report) {
    if field.kind == FieldType::String
        && field.max.is_none()
        && !found.constraints.iter().any(|constraint| matches!(constraint, Constraint::OneOf(..)))
    {
        report.add(
            Diagnostic::error(
                Code::Unbounded,
                found.span,
                format!("`{}` may be as long as the client likes", field.name),
            )
            .label("text without an upper bound")
            .help("add `max N`, in characters"),
        );
    }
}

fn fits(field: &Field, value: &Constant) -> bool {
    let size = match value {
        Constant::Text(text) => i64::try_from(text.chars().count()).unwrap_or(i64::MAX),
        Constant::Int(int) => *int,
        _ => return field.one_of.is_empty() || field.one_of.contains(value),
    };
    field.min.is_none_or(|min| size >= min)
        && field.max.is_none_or(|max| size <= max)
        && (field.one_of.is_empty() || field.one_of.contains(value))
}
