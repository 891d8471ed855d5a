//! `input`, and the blocks of fields that stand in routes.

use portcullis_syntax::ast::{self, Bound, Constraint, Literal};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use super::Report;
use super::expression::constant;
use super::names::{Names, distinct};
use crate::plan::{Constant, Field, FieldType, Type};

/// An input by its name.
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
}

pub(super) fn check(names: &Names<'_>, report: &mut Report) -> Vec<Checked> {
    names
        .inputs
        .iter()
        .map(|found| {
            found.unsupported.iter().for_each(|found| report.unsupported(found));
            Checked { name: found.name.node.clone(), fields: fields(&found.fields, report) }
        })
        .collect()
}

/// The type that a field has in conditions.
pub(super) fn field_type(field: &Field) -> Type {
    match field.kind {
        FieldType::String => Type::String,
        FieldType::Int => Type::Int,
        FieldType::Uuid => Type::Uuid,
    }
}

/// Checks a block of fields.
pub(super) fn fields(found: &[ast::Field], report: &mut Report) -> Vec<Field> {
    distinct("field", found.iter().map(|field| &field.name), report);
    found.iter().filter_map(|found| field(found, report)).collect()
}

fn field(found: &ast::Field, report: &mut Report) -> Option<Field> {
    found.unsupported.iter().for_each(|found| report.unsupported(found));
    let kind = field_kind(&found.kind, report)?;
    let mut bounds = Bounds::default();
    let mut field = Field {
        name: found.name.node.clone(),
        kind,
        optional: found.kind.optional,
        trim: false,
        min: None,
        max: None,
        one_of: Vec::new(),
        default: None,
    };
    for constraint in &found.constraints {
        if !allowed(constraint, kind, &found.kind, report) {
            continue;
        }
        match constraint {
            Constraint::Trim(_) => field.trim = true,
            Constraint::Min(value, span) => bounds.min(&value.node, *span, report),
            Constraint::Max(value, span) => bounds.max(&value.node, *span, report),
            Constraint::Range(range, span) => bounds.range(range, *span, report),
            Constraint::OneOf(values, span) => field.one_of = one_of(values, kind, *span, report),
            Constraint::Default(value, _) => field.default = value_of(value, kind, report),
        }
    }
    repeated(&found.constraints, report);
    (field.min, field.max) = bounds.settle(kind, report);
    bounded(&field, found, report);
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
    Some(field)
}

fn field_kind(found: &ast::InputType, report: &mut Report) -> Option<FieldType> {
    const KNOWN: &[(&str, FieldType)] =
        &[("string", FieldType::String), ("int", FieldType::Int), ("uuid", FieldType::Uuid)];
    const LATER: &[&str] = &["number", "bool", "time", "duration", "ip", "network", "url", "date"];
    let name = found.name.node.as_str();
    if let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return Some(*kind);
    }
    if LATER.contains(&name) {
        report.unsupported(&ast::Unsupported {
            what: format!("an input of type {name}"),
            span: found.name.span,
        });
    } else {
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                found.name.span,
                format!("no type of input is called `{name}`"),
            )
            .help("a field is a `string`, an `int` or a `uuid`")
            .did_you_mean(name, KNOWN.iter().map(|(name, _)| *name)),
        );
    }
    None
}

/// Whether a type can have a constraint; a fault where not.
fn allowed(
    constraint: &Constraint,
    kind: FieldType,
    found: &ast::InputType,
    report: &mut Report,
) -> bool {
    let (word, fits) = match constraint {
        Constraint::Trim(_) => ("trim", kind == FieldType::String),
        Constraint::Min(..) => ("min", kind != FieldType::Uuid),
        Constraint::Max(..) => ("max", kind != FieldType::Uuid),
        Constraint::Range(..) => ("a range", kind != FieldType::Uuid),
        Constraint::OneOf(..) | Constraint::Default(..) => return true,
    };
    if !fits {
        report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                constraint.span(),
                format!("`{word}` says nothing of a `{}`", found.name.node),
            )
            .and(found.span, format!("this is `{}`", found.name.node))
            .help("take it away"),
        );
    }
    fits
}

fn repeated(constraints: &[Constraint], report: &mut Report) {
    let of = |wanted: fn(&Constraint) -> bool| {
        constraints
            .iter()
            .filter(move |constraint| wanted(constraint))
            .map(|constraint| ((), constraint.span()))
            .collect::<Vec<_>>()
    };
    report.once("trim", of(|found| matches!(found, Constraint::Trim(_))));
    report.once("min", of(|found| matches!(found, Constraint::Min(..) | Constraint::Range(..))));
    report.once(
        "max",
        of(|found| match found {
            Constraint::Max(..) => true,
            Constraint::Range(range, _) => range.high.is_some(),
            _ => false,
        }),
    );
    report.once("one of", of(|found| matches!(found, Constraint::OneOf(..))));
    report.once("default", of(|found| matches!(found, Constraint::Default(..))));
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
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    second,
                    format!("nothing is at least {low} and at most {high}"),
                )
                .and(first, "the least")
                .help("swap them"),
            );
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
    values: &[Spanned<Literal>],
    kind: FieldType,
    span: Span,
    report: &mut Report,
) -> Vec<Constant> {
    if values.is_empty() {
        report.add(Diagnostic::error(Code::BadValue, span, "`one of []` accepts nothing"));
    }
    values.iter().filter_map(|value| value_of(value, kind, report)).collect()
}

fn value_of(value: &Spanned<Literal>, kind: FieldType, report: &mut Report) -> Option<Constant> {
    let expected = match kind {
        FieldType::String => Type::String,
        FieldType::Int => Type::Int,
        FieldType::Uuid => Type::Uuid,
    };
    let (found, found_type) = constant(&value.node, Some(&expected), value.span, report)?;
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
        && found.unsupported.is_empty()
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
