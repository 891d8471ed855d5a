//! The response stage: what is shown, of the object or of each row.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_syntax::ast::{
    Content, EnvelopeField, ResourceClause, Returned, Type, TypeKind, View, ViewPart, ViewRef,
};
use portcullis_test::Answer;

use crate::Refused;
use crate::condition::holds;
use crate::object::Shown;
use crate::policy::{Policy, wire_name};
use crate::route::{Returns, Route};
use crate::scope::Scope;
use crate::trace::{Clause, Outcome};

pub(crate) fn decide(
    policy: &Policy,
    route: &Route,
    scope: &Scope<'_>,
    shown: Shown<'_>,
) -> Result<Answer, Refused> {
    match shown {
        Shown::One => {
            let fields = wire_names(policy, route, scope)?;
            Ok(Answer::Admitted { fields, rows: None })
        }
        Shown::Rows(rows) => {
            let count = rows.len();
            // A list that is one thing among others is shown in one way, whatever its rows are.
            if !is_shown_by_row(route) {
                let fields = wire_names(policy, route, scope)?;
                return Ok(Answer::Admitted { fields, rows: Some(count) });
            }
            let mut fields = (!route.returns.is_empty()).then(BTreeSet::new);
            let first = route.returns.first().map(|returns| &returns.returned);
            if let (0, Some(Returned::Envelope(around))) = (count, first) {
                fields.get_or_insert_default().extend(around.iter().flat_map(|field| {
                    match &field.content {
                        Content::List(_) => BTreeSet::from([wire_of(field).to_owned()]),
                        _ => inside(policy, field),
                    }
                }));
            }
            for (index, row) in rows.into_iter().enumerate() {
                policy.recorder.row(index);
                let mut of_row = scope.clone();
                of_row.objects.push(row);
                if let Some(names) = wire_names(policy, route, &of_row)? {
                    fields.get_or_insert_default().extend(names);
                }
            }
            Ok(Answer::Admitted { fields, rows: Some(count) })
        }
    }
}

/// What the first `returns` that fits may show, if it says so.
fn wire_names(
    policy: &Policy,
    route: &Route,
    scope: &Scope<'_>,
) -> Result<Option<BTreeSet<String>>, Reason> {
    for Returns { returned, condition, span } in &route.returns {
        let fits = condition.as_ref().map_or(Ok(true), |condition| holds(condition, scope));
        let against = fits.err().map(Reason::from);
        policy.recorder.decided(Clause::Returns, *span, fits.into(), against);
        if fits? {
            return Ok(match returned {
                Returned::View(view) | Returned::List(view) => Some(shown(policy, view)),
                Returned::Envelope(fields) => {
                    Some(fields.iter().flat_map(|field| inside(policy, field)).collect())
                }
                Returned::Nothing | Returned::Opaque(_) => None,
            });
        }
    }
    // Where a route says what it returns, the last one always fits.
    if route.returns.is_empty() { Ok(None) } else { Err(Reason::ServiceFault) }
}

/// Whether each row is asked how it is shown: where there are lists alone, or envelopes that are written
/// alike but for the view of their list.
fn is_shown_by_row(route: &Route) -> bool {
    let returned = || route.returns.iter().map(|returns| &returns.returned);
    let all_lists = returned().all(|found| matches!(found, Returned::List(_)));
    let around = returned().map(|found| match found {
        Returned::Envelope(fields) => Some(fields.iter().map(around_rows).collect::<Vec<_>>()),
        _ => None,
    });
    let around: BTreeSet<_> = around.collect();
    all_lists || (around.len() == 1 && !around.contains(&None))
}

/// A field of an envelope in words, without the view of its list.
fn around_rows(field: &EnvelopeField) -> String {
    let content = match &field.content {
        Content::List(_) => "rows".to_owned(),
        Content::View(view) => format!("view {} {}", view.resource.node, view.view.node),
        Content::Plain(kind) => format!("plain {}", in_words(kind)),
    };
    let (name, optional) = (&field.name.node, field.optional.is_some());
    format!("{name} {} {optional} {content}", wire_of(field))
}

fn in_words(kind: &Type) -> String {
    match &kind.node {
        TypeKind::Named(name) => name.clone(),
        TypeKind::List(inner) => format!("[{}]", in_words(inner)),
        TypeKind::Optional(inner) => format!("{}?", in_words(inner)),
    }
}

fn wire_of(field: &EnvelopeField) -> &str {
    wire_name(&field.name, field.wire.as_ref())
}

/// What may leave in a field of an envelope, by its wire names.
fn inside(policy: &Policy, field: &EnvelopeField) -> BTreeSet<String> {
    let outer = wire_of(field);
    match &field.content {
        Content::View(view) | Content::List(view) => {
            shown(policy, view).into_iter().map(|inner| format!("{outer}.{inner}")).collect()
        }
        Content::Plain(_) => BTreeSet::from([outer.to_owned()]),
    }
}

fn shown(policy: &Policy, named: &ViewRef) -> BTreeSet<String> {
    let resource = policy.resource(&named.resource.node);
    let views = resource.clauses.iter().filter_map(|clause| match clause {
        ResourceClause::View(view) => Some(view),
        _ => None,
    });
    let views: Vec<&View> = views.collect();
    let mut names = BTreeSet::new();
    let mut waiting = vec![named.view.node.as_str()];
    while let Some(next) = waiting.pop() {
        let view = views.iter().find(|view| view.name.node == next).expect("compiled");
        policy.recorder.decided(Clause::View, view.span, Outcome::Held, None);
        for part in &view.parts {
            match part {
                ViewPart::Spread(name) => waiting.push(&name.node),
                ViewPart::Shown(shown) => {
                    names.insert(wire_name(&shown.name, shown.wire.as_ref()).to_owned());
                }
            }
        }
    }
    names
}
