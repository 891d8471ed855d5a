//! What a route takes, source by source, in the words of the policy.

use portcullis_compiler::plan::{Body, BodyKind, Field, Plan, Route, Shape};

use super::cost::Cost;
use super::schedule::{placed, step};

pub(super) fn lines(plan: &Plan, route: &Route, lines: &mut Vec<String>) {
    for parameter in &route.params {
        lines.push(step("params", &text(plan, &parameter.field), Cost::Input));
    }
    source(plan, "query", &route.query, lines);
    source(plan, "header", &route.header, lines);
    match &route.body {
        Some(found) => body(plan, found, lines),
        None => lines.push(step("body", "none may come", Cost::Fixed)),
    }
}

fn source(plan: &Plan, label: &str, shapes: &[Shape], lines: &mut Vec<String>) {
    for field in shapes.iter().flat_map(|shape| &shape.fields) {
        lines.push(step(label, &text(plan, field), Cost::Input));
    }
    shapes.iter().for_each(|shape| rules(plan, shape, lines));
}

fn body(plan: &Plan, body: &Body, lines: &mut Vec<String>) {
    let limit = plan.transport.body_limit;
    let what = match &body.kind {
        BodyKind::Json(_) => format!("JSON, at most {limit} bytes"),
        BodyKind::Form(_) => format!("a form, at most {limit} bytes"),
        BodyKind::Raw { max, types } if types.is_empty() => {
            format!("bytes of any kind, at most {max}")
        }
        BodyKind::Raw { max, types } => format!("{}, at most {max} bytes", types.join(" or ")),
    };
    lines.push(placed(plan, "body", &what, Some(body.span), Cost::Input));
    if let Some(shape) = body.shape() {
        lines.extend(shape.fields.iter().map(|field| indented(&text(plan, field))));
        rules(plan, shape, lines);
    }
}

fn rules(plan: &Plan, shape: &Shape, lines: &mut Vec<String>) {
    if let Some((least, most)) = shape.present {
        let most = most.map(|most| most.to_string()).unwrap_or_default();
        lines.push(indented(&format!("present {least}..{most}")));
    }
    if shape.unknown_refused {
        lines.push(indented("unknown refuse"));
    }
    lines.extend(shape.checks.iter().map(|check| indented(&words(plan, check.span))));
}

fn indented(text: &str) -> String {
    format!("               {text}")
}

/// A field as its author wrote it, on one line.
fn text(plan: &Plan, field: &Field) -> String {
    words(plan, field.span)
}

fn words(plan: &Plan, span: portcullis_syntax::Span) -> String {
    let words = plan.sources.slice(span).split_whitespace();
    words.collect::<Vec<_>>().join(" ").trim_end_matches(',').to_owned()
}
