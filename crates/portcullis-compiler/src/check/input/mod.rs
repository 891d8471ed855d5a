//! `input`, and the blocks of fields that stand in routes.

pub(super) mod conditions;
mod constraint;
mod field;
mod value;

use portcullis_syntax::ast;
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::access::wire_names;
use super::names::{Names, distinct, resolve};
use super::settings::Settings;
use crate::plan::{self, Bound, Condition, Enumeration, Field, FieldType, Rule, Shape, Type};

/// An input with all that is nested in it has at most so many fields.
const MOST_FIELDS: usize = 10_000;

/// An input by its name.
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) fields: Vec<Declared>,
    /// What the plan has of it where a route takes it. Its conditions are filled in for each route.
    pub(super) shape: Shape,
}

/// A field as conditions may name it.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) name: String,
    /// Where its name stands.
    pub(super) span: Span,
    /// Its type; nothing where conditions cannot read it.
    pub(super) kind: Option<Type>,
    pub(super) optional: bool,
    pub(super) plan: Field,
}

/// What the fields of an input are checked with.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) settings: &'a Settings,
    pub(super) enumerations: &'a [Enumeration],
    pub(super) inputs: &'a [&'a ast::Input],
    /// Those of them that have been checked.
    pub(super) checked: &'a [Checked],
    pub(super) outbounds: &'a [&'a ast::Outbound],
}

impl Known<'_> {
    /// The shape of an input that has been checked.
    fn shape(&self, name: &str) -> Option<&Shape> {
        self.checked.iter().find(|found| found.name == name).map(|found| &found.shape)
    }
}

/// Checks the inputs, those first that are nested in others.
pub(super) fn check(
    names: &Names<'_>,
    settings: &Settings,
    enumerations: &[Enumeration],
    report: &mut Report,
) -> Vec<Checked> {
    let mut checked: Vec<Checked> = Vec::new();
    for found in innermost_first(names, report) {
        let known = Known {
            settings,
            enumerations,
            inputs: &names.inputs,
            checked: &checked,
            outbounds: &names.outbounds,
        };
        let one = one(found, known, report);
        checked.push(one);
    }
    checked
}

fn one(found: &ast::Input, known: Known<'_>, report: &mut Report) -> Checked {
    let fields = fields(&found.fields, known, report);
    let mut shape = shape(Some(&found.name), &fields, found.span);
    let declared = found.fields.iter().map(|field| field.name.node.as_str());
    for check in &found.checks {
        resolve("field here", &check.at, declared.clone(), report);
        let Some(at) = fields.iter().position(|field| field.name == check.at.node) else {
            continue;
        };
        shape.checks.push(plan::Check {
            condition: Condition::Constant(false),
            at,
            fault: check.fault.as_ref().map(|fault| fault.node.clone()),
            span: check.span,
        });
    }
    rules(&found.rules, &mut shape, report);
    if size(&shape) > MOST_FIELDS {
        let message = format!(
            "with all that is nested in it, input `{}` has more than {MOST_FIELDS} fields",
            found.name.node
        );
        report.add(
            Diagnostic::error(Code::TooLarge, found.name.span, message)
                .help("nest fewer inputs in it"),
        );
        // What nests it in turn shall not grow beyond all bounds.
        shape.fields.clear();
    }
    Checked { name: found.name.node.clone(), fields, shape }
}

/// The fields of a shape and of all that is nested in it.
fn size(shape: &Shape) -> usize {
    fn of(rule: &Rule) -> usize {
        match &rule.kind {
            FieldType::Plain(_) => 1,
            FieldType::List(element) => of(element).saturating_add(1),
            FieldType::Input(shape) => size(shape).saturating_add(1),
        }
    }
    shape.fields.iter().map(|field| of(&field.rule)).fold(0, usize::saturating_add)
}

/// The inputs in an order in which each stands behind those that are nested in it. One that is nested
/// in itself could never be fulfilled, or have no end.
fn innermost_first<'a>(names: &Names<'a>, report: &mut Report) -> Vec<&'a ast::Input> {
    let mut order: Vec<&ast::Input> = Vec::new();
    let mut reported: Vec<&str> = Vec::new();
    let named = |name: &str| names.inputs.iter().find(|found| found.name.node == name).copied();
    for start in &names.inputs {
        // The way down, with the fields that are still to be looked at.
        let mut way: Vec<(&ast::Input, usize)> = vec![(start, 0)];
        while let Some((input, next)) = way.pop() {
            if order.iter().any(|done| std::ptr::eq(*done, input)) {
                continue;
            }
            let Some(field) = input.fields.get(next) else {
                order.push(input);
                continue;
            };
            way.push((input, next + 1));
            let Some(nested) = named(conditions::named(&field.kind)) else {
                continue;
            };
            if !way.iter().any(|(above, _)| std::ptr::eq(*above, nested)) {
                way.push((nested, 0));
                continue;
            }
            let name = nested.name.node.as_str();
            if !reported.contains(&name) {
                reported.push(name);
                report.add(
                    Diagnostic::error(
                        Code::Cycle,
                        field.kind.span,
                        format!("input `{name}` is nested in itself"),
                    )
                    .and(nested.name.span, "this one")
                    .help("take it out, or name a key of type `uuid` instead"),
                );
            }
        }
    }
    order
}

/// `rules { present 1.. unknown refuse }`
fn rules(found: &[ast::Rules], shape: &mut Shape, report: &mut Report) {
    let Some(rules) = report.once("rules", found.iter().map(|rules| (rules, rules.span))) else {
        return;
    };
    let unknown = rules.unknown.iter().map(|unknown| (unknown.node, unknown.span));
    shape.unknown_refused = report.once("unknown", unknown).unwrap_or(false);
    let present = rules.present.iter().map(|present| (present, present.span));
    let Some(present) = report.once("present", present) else {
        return;
    };
    let mut bounds = value::Bounds::default();
    bounds.range(&present.node, present.span);
    let fields = shape.fields.len();
    let count = |bound: Option<Bound>| match bound {
        Some(Bound::Int(count)) => usize::try_from(count).ok(),
        _ => None,
    };
    let (low, high) = bounds.settle(value::Measure::Count("fields"), report);
    let (low, high) = (count(low).unwrap_or(0), count(high));
    if low > fields {
        let message = format!("{low} fields are never present: there are {fields}");
        report.add(Diagnostic::error(Code::BadValue, present.span, message));
    }
    shape.present = Some((low, high));
}

/// The shape of fields.
pub(super) fn shape(name: Option<&ast::Name>, fields: &[Declared], span: Span) -> Shape {
    Shape {
        name: name.map(|name| name.node.clone()),
        fields: fields.iter().map(|field| field.plan.clone()).collect(),
        present: None,
        unknown_refused: false,
        checks: Vec::new(),
        span,
    }
}

/// Checks a block of fields.
pub(super) fn fields(found: &[ast::Field], known: Known<'_>, report: &mut Report) -> Vec<Declared> {
    distinct("field", found.iter().map(|field| &field.name), report);
    // Those of one name have been reported by it.
    let mut seen = std::collections::HashSet::new();
    let named = found.iter().filter(|field| seen.insert(field.name.node.as_str()));
    wire_names("fields", named.map(field::wire), report);
    found.iter().filter_map(|found| field::declared(found, known, report)).collect()
}
