//! A field: its type, its constraints and what stands around them.

use portcullis_syntax::ast::{self, Constraint, InputTypeKind, Name};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::types;
use super::constraint::{self, Class, speaks_of};
use super::value::{self, Bounds, Measure};
use super::{Declared, Known};
use crate::plan::{
    Condition, Constant, Constraints, Field, FieldType, Format, LetterCase, Pattern, Rule, Type,
};

/// What the outside calls a field.
pub(super) fn wire(found: &ast::Field) -> &Name {
    let wire = found.constraints.iter().find_map(|constraint| match constraint {
        Constraint::Wire(wire, _) => Some(wire),
        _ => None,
    });
    wire.unwrap_or(&found.name)
}

pub(super) fn declared(
    found: &ast::Field,
    known: Known<'_>,
    report: &mut Report,
) -> Option<Declared> {
    let place = Place { called: format!("`{}`", found.name.node), span: found.span };
    let rule = rule(&found.kind, &found.constraints, &place, known, report)?;
    let default = default(found, &rule, known, report);
    let defaulted = found.constraints.iter().any(|one| matches!(one, Constraint::Default(..)));
    if defaulted && found.kind.optional {
        let name = &found.name.node;
        report.add(
            Diagnostic::error(Code::Conflict, found.span, format!("`{name}` is never absent"))
                .label("it has a default")
                .help("take the `?` or the `default` away"),
        );
    }
    let fault = found.constraints.iter().find_map(|constraint| match constraint {
        Constraint::Fault(text, _) => Some(text.node.clone()),
        _ => None,
    });
    let settable = found.constraints.iter().any(|one| matches!(one, Constraint::Settable(..)));
    let optional = found.kind.optional && !defaulted;
    Some(Declared {
        name: found.name.node.clone(),
        span: found.name.span,
        kind: of_conditions(&rule),
        // `null` reads as absent, whatever stands for a field that was left out.
        optional: optional || rule.or_null,
        plan: Field {
            name: found.name.node.clone(),
            wire: wire(found).node.clone(),
            span: found.span,
            rule,
            optional,
            default,
            // Filled in for each route that takes the field.
            settable: settable.then_some(Condition::Constant(false)),
            fault,
        },
    })
}

/// The type that conditions see, if they can read it.
fn of_conditions(rule: &Rule) -> Option<Type> {
    match &rule.kind {
        FieldType::Plain(kind) => Some(kind.clone()),
        FieldType::List(element) => match &element.kind {
            FieldType::Plain(kind) => Some(Type::List(Box::new(kind.clone()))),
            _ => None,
        },
        FieldType::Input(_) => None,
    }
}

/// What is spoken of: a field, or the elements of one.
struct Place {
    called: String,
    span: Span,
}

/// What a value must be, of a field or of an element of a list.
fn rule(
    found: &ast::InputType,
    constraints: &[Constraint],
    place: &Place,
    known: Known<'_>,
    report: &mut Report,
) -> Option<Rule> {
    let kind = kind(found, place, known, report);
    let plain = match &kind {
        Some(FieldType::Plain(kind)) => Some(kind),
        _ => None,
    };
    let class = Class::of(plain, found);
    // What is wrong with the constraints of a type that is none is not known.
    let kind = kind.as_ref()?;
    constraint::check(constraints, class, found, known, report);
    let asked: Vec<&Constraint> =
        constraints.iter().filter(|constraint| speaks_of(constraint, class)).collect();
    let constraints = self::constraints(found, &asked, kind, known, report);
    bounded(place, kind, &constraints, report);
    Some(Rule { kind: kind.clone(), or_null: found.or_null.is_some(), constraints })
}

fn kind(
    found: &ast::InputType,
    place: &Place,
    known: Known<'_>,
    report: &mut Report,
) -> Option<FieldType> {
    let name = match &found.node {
        InputTypeKind::Named(name) => name,
        InputTypeKind::List(element, constraints) => {
            of_element(element, constraints, report);
            let called = format!("an element of {}", place.called);
            let place = Place { called, span: element.span };
            let rule = rule(element, constraints, &place, known, report)?;
            return Some(FieldType::List(Box::new(rule)));
        }
    };
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
    if is_input {
        // One that is nested in itself has been reported, and is not among those checked.
        return known.shape(&name.node).map(|shape| FieldType::Input(Box::new(shape.clone())));
    }
    let inputs: Vec<_> = known.inputs.iter().map(|input| input.name.node.as_str()).collect();
    types::named(&name.node, name.span, known.enumerations, &[], &inputs, report)
        .map(FieldType::Plain)
}

/// What speaks of a whole field says nothing of one element of it.
fn of_element(element: &ast::InputType, constraints: &[Constraint], report: &mut Report) {
    let optional = element.optional.then_some(element.span);
    if let Some(span) = optional.or(element.or_null) {
        report.add(
            Diagnostic::error(Code::BadValue, span, "an element of a list is always there")
                .help("take the `?` or the `or null` away"),
        );
    }
    for constraint in constraints {
        if matches!(
            constraint,
            Constraint::Default(..)
                | Constraint::Wire(..)
                | Constraint::Settable(..)
                | Constraint::Fault(..)
        ) {
            let message = format!("`{}` speaks of a field, not of an element", constraint.word());
            report.add(
                Diagnostic::error(Code::Conflict, constraint.span(), message)
                    .help("write it behind the bracket"),
            );
        }
    }
}

fn constraints(
    found: &ast::InputType,
    asked: &[&Constraint],
    kind: &FieldType,
    known: Known<'_>,
    report: &mut Report,
) -> Constraints {
    let mut all = Constraints::default();
    let mut bounds = Bounds::default();
    for constraint in asked {
        match constraint {
            Constraint::Trim(_) => all.trim = true,
            Constraint::Case(word) if word.node == "lowercase" => {
                all.case = Some(LetterCase::Lower);
            }
            Constraint::Case(_) => all.case = Some(LetterCase::Upper),
            Constraint::Min(value, span) => bounds.min(value, *span, known, report),
            Constraint::Max(value, span) => bounds.max(value, *span, known, report),
            Constraint::Range(range, span) => bounds.range(range, *span),
            Constraint::Format(word) => {
                let format = Format::ALL.iter().find(|(name, _)| *name == word.node);
                all.format = format.map(|(_, format)| *format);
            }
            Constraint::Matching(regex, _) => all.matching = pattern(regex, report),
            Constraint::Containing(value, _) => {
                all.containing = constraint::containing(value, known, report);
            }
            Constraint::Through(outbound, _) => {
                all.through =
                    known.outbounds.iter().position(|known| known.name.node == outbound.node);
            }
            _ => {}
        }
    }
    (all.min, all.max) = bounds.settle(measure(kind), report);
    // The values come last: they must fulfil all else.
    if let FieldType::Plain(plain) = kind {
        for constraint in asked {
            if let Constraint::OneOf(value, _) = constraint {
                all.one_of = one_of(found, value, plain, &all, known, report);
            }
        }
    }
    all
}

fn measure(kind: &FieldType) -> Measure {
    match kind {
        FieldType::Plain(Type::Number) => Measure::Number,
        FieldType::Plain(Type::Int) => Measure::Int,
        FieldType::Plain(_) => Measure::Count("characters"),
        FieldType::List(_) | FieldType::Input(_) => Measure::Count("elements"),
    }
}

fn pattern(found: &Name, report: &mut Report) -> Option<Pattern> {
    match Pattern::new(&found.node) {
        Ok(pattern) => Some(pattern),
        Err(why) => {
            // Its last line says what is wrong; those before it draw the expression.
            let why = why.lines().last().unwrap_or("").trim();
            let why = why.strip_prefix("error: ").unwrap_or(why);
            let message = format!("this is no regular expression: {why}");
            report.add(Diagnostic::error(Code::BadValue, found.span, message).help(
                "the syntax is that of the Rust crate `regex`: no look-around, no back-references",
            ));
            None
        }
    }
}

fn one_of(
    found: &ast::InputType,
    values: &ast::Value,
    kind: &Type,
    constraints: &Constraints,
    known: Known<'_>,
    report: &mut Report,
) -> Vec<Constant> {
    let Some(choices) = value::constants(values, kind, known, report) else {
        return Vec::new();
    };
    if choices.is_empty() {
        let fault = "`one of []` accepts nothing";
        report.add(Diagnostic::error(Code::BadValue, values.span, fault));
    }
    for (choice, span) in &choices {
        if !fits(choice, constraints) {
            let message = "the field is never this by its own constraints";
            report.add(
                Diagnostic::error(Code::BadValue, *span, message)
                    .and(found.span, "of this field")
                    .help("take the value away, or change the constraint"),
            );
        }
    }
    choices.into_iter().map(|(choice, _)| choice).collect()
}

/// Whether a value is normal and fulfils what is asked of it.
fn fits(value: &Constant, constraints: &Constraints) -> bool {
    let normal = match value {
        Constant::Text(text) => constraints.normal(text) == *text,
        _ => true,
    };
    let mut faulty = false;
    constraints.of_constant(value, &mut |_| faulty = true);
    normal && !faulty && (constraints.one_of.is_empty() || constraints.one_of.contains(value))
}

fn default(
    found: &ast::Field,
    rule: &Rule,
    known: Known<'_>,
    report: &mut Report,
) -> Option<Constant> {
    let (value, span) = found.constraints.iter().find_map(|constraint| match constraint {
        Constraint::Default(value, span) => Some((value, *span)),
        _ => None,
    })?;
    if rule.constraints.through.is_some() {
        report.add(
            Diagnostic::error(Code::Conflict, span, "`through` leaves no default").help(
                "take one of them away: what the service itself fetches it names in its code",
            ),
        );
    }
    let (constant, fulfils) = match &rule.kind {
        FieldType::Plain(kind) => {
            let constant = value::constant(value, kind, known, report)?;
            let fulfils = fits(&constant, &rule.constraints);
            (constant, fulfils)
        }
        FieldType::List(element) => {
            let FieldType::Plain(kind) = &element.kind else {
                report.add(
                    Diagnostic::error(
                        Code::BadValue,
                        value.span,
                        "a list of inputs has no default",
                    )
                    .help("write `?` behind the type"),
                );
                return None;
            };
            let values = value::constants(value, kind, known, report)?;
            let values: Vec<Constant> = values.into_iter().map(|(value, _)| value).collect();
            let mut faulty = false;
            rule.constraints.of_count(values.len(), "", &mut |_| faulty = true);
            let fulfils = values.iter().all(|value| fits(value, &element.constraints));
            (Constant::List(values), fulfils && !faulty)
        }
        FieldType::Input(_) => return None,
    };
    if !fulfils {
        let name = &found.name.node;
        report.add(
            Diagnostic::error(
                Code::BadValue,
                value.span,
                format!("the default of `{name}` does not fulfil its own constraints"),
            )
            .help("change the default or the constraint"),
        );
    }
    Some(constant)
}

/// Text and lists without an upper bound let a client choose how much the service stores.
fn bounded(place: &Place, kind: &FieldType, constraints: &Constraints, report: &mut Report) {
    let (what, help) = match kind {
        FieldType::Plain(Type::String) => ("text", "add `max N`, in characters"),
        FieldType::List(_) => ("a list", "add `max N` behind the bracket"),
        _ => return,
    };
    let by_pattern = constraints.matching.as_ref().is_some_and(Pattern::is_bounded);
    let is_bounded = constraints.max.is_some()
        || !constraints.one_of.is_empty()
        || constraints.format.is_some()
        || by_pattern;
    if is_bounded {
        return;
    }
    let label = match &constraints.matching {
        Some(_) => "its regular expression matches texts of any length, too".to_owned(),
        None => format!("{what} without an upper bound"),
    };
    report.add(
        Diagnostic::error(
            Code::Unbounded,
            place.span,
            format!("{} may be as long as the client likes", place.called),
        )
        .label(label)
        .help(help),
    );
}
