//! The fields that routes take, wherever they are declared.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Field, FieldType, Plan, Route, Rule, Shape};
use portcullis_syntax::Span;

/// Where a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    Params,
    Query,
    Header,
    Body,
}

/// A field that a route takes, or one nested in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken<'c> {
    pub(crate) plan: &'c Plan,
    /// The first route that takes it.
    pub(crate) route: &'c Route,
    pub(crate) source: Source,
    pub(crate) field: &'c Field,
}

impl<'c> Taken<'c> {
    /// What its value must be, and each element of it, where it is a list.
    pub(crate) fn rules(&self) -> Vec<&'c Rule> {
        let mut rules = vec![&self.field.rule];
        while let Some(FieldType::List(inner)) = rules.last().map(|rule| &rule.kind) {
            rules.push(inner);
        }
        rules
    }
}

/// Every field that a route takes which is not retired: of each profile, once for each source.
pub(crate) fn taken(compilation: &Compilation) -> Vec<Taken<'_>> {
    let mut all = Vec::new();
    for plan in &compilation.plans {
        // An input that a thousand routes name is looked at once.
        let mut seen = HashSet::new();
        for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
            for parameter in &route.params {
                if seen.insert((parameter.field.span, Source::Params)) {
                    let field = &parameter.field;
                    all.push(Taken { plan, route, source: Source::Params, field });
                }
            }
            let query = route.query.iter().map(|shape| (shape, Source::Query));
            let header = route.header.iter().map(|shape| (shape, Source::Header));
            let body = route.body.as_ref().and_then(|body| body.shape());
            let shapes = query.chain(header).chain(body.map(|shape| (shape, Source::Body)));
            for (shape, source) in shapes {
                of_shape(plan, route, source, shape, &mut seen, &mut all);
            }
        }
    }
    all
}

fn of_shape<'c>(
    plan: &'c Plan,
    route: &'c Route,
    source: Source,
    shape: &'c Shape,
    seen: &mut HashSet<(Span, Source)>,
    all: &mut Vec<Taken<'c>>,
) {
    if !seen.insert((shape.span, source)) {
        return;
    }
    for field in &shape.fields {
        let taken = Taken { plan, route, source, field };
        all.push(taken);
        // Inputs do not hold themselves: the nesting ends.
        if let Some(FieldType::Input(inner)) = taken.rules().last().map(|rule| &rule.kind) {
            of_shape(plan, route, source, inner, seen, all);
        }
    }
}
