//! Values in the policy's text, as a field would hold them.

use portcullis_syntax::ast::{self, Literal, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use super::super::Report;
use super::super::expression;
use super::super::names::resolve;
use super::super::types;
use super::Known;
use crate::plan::{self, Bound, Constant, Type};

/// A value of a type.
pub(super) fn constant(
    value: &ast::Value,
    kind: &Type,
    known: Known<'_>,
    report: &mut Report,
) -> Option<Constant> {
    if let (Type::Enumeration(index), ValueKind::Name(name)) = (kind, &value.node)
        && known.settings.constant(name).is_none()
    {
        let enumeration = known.enumerations.get(*index)?;
        let name = Spanned { node: name.clone(), span: value.span };
        let members = enumeration.members.iter().map(|(name, _)| name.as_str());
        let what = format!("value of `{}`", enumeration.name);
        return resolve(&what, &name, members, report).map(Constant::Member);
    }
    if let ValueKind::Name(name) = &value.node
        && let Some(Some((found, Type::Enumeration(of)))) = known.settings.constant(name)
        && *kind == Type::Enumeration(*of)
    {
        return Some(found.clone());
    }
    let what = format!("`{}`", types::describe(kind, known.enumerations, &[]));
    let literal = known.settings.literal(value, &what, report, |found| Some(found.clone()))?;
    let (found, found_type) = expression::constant(&literal.node, Some(kind), value.span, report)?;
    if found_type != *kind {
        let expected = types::describe(kind, known.enumerations, &[]);
        let message = format!("expected a value of type `{expected}`");
        report.add(Diagnostic::error(Code::TypeMismatch, value.span, message));
        return None;
    }
    match (found, kind) {
        (Constant::Text(text), Type::Url) => {
            let normal = plan::url(&text);
            if normal.is_none() {
                report.add(
                    Diagnostic::error(
                        Code::BadValue,
                        value.span,
                        "no request could bring this url",
                    )
                    .help("a url of an input is an absolute `http` or `https` one"),
                );
            }
            normal.map(Constant::Text)
        }
        (found, _) => Some(found),
    }
}

/// A list of them, with their places.
pub(super) fn constants(
    values: &ast::Value,
    kind: &Type,
    known: Known<'_>,
    report: &mut Report,
) -> Option<Vec<(Constant, Span)>> {
    let elements = match &values.node {
        // A name in it may be one of an enum, and need not be a setting's.
        ValueKind::List(elements) => elements.clone(),
        _ => known.settings.list(values, "a list like `[\"a\", \"b\"]`", report)?,
    };
    let found: Vec<_> = elements
        .iter()
        .map(|value| Some((constant(value, kind, known, report)?, value.span)))
        .collect();
    found.into_iter().collect()
}

/// What bounds are bounds of.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// Of a number of these.
    Count(&'static str),
    Int,
    Number,
}

/// The bounds of a field.
#[derive(Default)]
pub(super) struct Bounds {
    low: Option<(Bound, Span)>,
    high: Option<(Bound, Span)>,
}

impl Bounds {
    pub(super) fn min(
        &mut self,
        value: &ast::Value,
        span: Span,
        known: Known<'_>,
        report: &mut Report,
    ) {
        let found = number(value, known, report).map(|bound| (bound, span));
        self.low = self.low.or(found);
    }

    pub(super) fn max(
        &mut self,
        value: &ast::Value,
        span: Span,
        known: Known<'_>,
        report: &mut Report,
    ) {
        let found = number(value, known, report).map(|bound| (bound, span));
        self.high = self.high.or(found);
    }

    pub(super) fn range(&mut self, range: &ast::Range, span: Span) {
        let bound = |bound: ast::Bound| match bound {
            ast::Bound::Int(value) => Bound::Int(value),
            ast::Bound::Number(value) => Bound::Number(value),
        };
        self.low = self.low.or(Some((bound(range.low), span)));
        self.high = self.high.or(range.high.map(|high| (bound(high), span)));
    }

    /// The bounds in the measure of what they bound.
    pub(super) fn settle(
        &self,
        measure: Measure,
        report: &mut Report,
    ) -> (Option<Bound>, Option<Bound>) {
        let mut of = |found: Option<(Bound, Span)>| match (measure, found?) {
            (Measure::Number, (Bound::Int(value), _)) => Some(Bound::Number(value as f64)),
            (Measure::Number, (bound, _)) | (_, (bound @ Bound::Int(_), _)) => Some(bound),
            (_, (Bound::Number(_), span)) => {
                let fault = "expected a whole number";
                report.add(Diagnostic::error(Code::TypeMismatch, span, fault));
                None
            }
        };
        let (low, high) = (of(self.low), of(self.high));
        let crossed = match (low, high) {
            (Some(Bound::Int(low)), Some(Bound::Int(high))) => low > high,
            (Some(Bound::Number(low)), Some(Bound::Number(high))) => low > high,
            _ => false,
        };
        if let (true, Some((low, first)), Some((high, second))) = (crossed, self.low, self.high) {
            let message = format!("nothing is at least {low} and at most {high}");
            let fault = Diagnostic::error(Code::BadValue, second, message).help("swap them");
            report.add(if first == second { fault } else { fault.and(first, "the least") });
        }
        if let Measure::Count(what) = measure {
            let negative =
                |found: &(Bound, Span)| matches!(found.0, Bound::Int(count) if count < 0);
            if let Some((_, span)) = [self.low, self.high].into_iter().flatten().find(negative) {
                let message = format!("a number of {what} is not negative");
                report.add(Diagnostic::error(Code::BadValue, span, message));
            }
        }
        (low, high)
    }
}

fn number(value: &ast::Value, known: Known<'_>, report: &mut Report) -> Option<Bound> {
    let found = known.settings.literal(value, "a number", report, |literal| match literal {
        Literal::Int(value) => Some(Bound::Int(*value)),
        Literal::Number(value) => Some(Bound::Number(*value)),
        _ => None,
    });
    found.map(|found| found.node)
}
