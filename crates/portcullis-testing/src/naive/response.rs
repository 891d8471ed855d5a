//! The response stage: what is shown, of the object or of each row.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_syntax::ast::{ResourceClause, Returned, View, ViewPart, ViewRef};
use portcullis_test::Answer;

use super::Refused;
use super::condition::holds;
use super::object::Shown;
use super::policy::{Policy, Route, wire_name};
use super::scope::Scope;

pub(super) fn decide(
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
            // An answer that is the handler's own shows nothing of the rows.
            let says = route.returns.iter().any(|(found, _)| !matches!(found, Returned::Opaque(_)));
            let mut fields = says.then(BTreeSet::new);
            for row in rows {
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
    for (returned, condition) in &route.returns {
        let fits = match condition {
            Some(condition) => holds(condition, scope)?,
            None => true,
        };
        if fits {
            return Ok(match returned {
                Returned::View(view) | Returned::List(view) => Some(shown(policy, view)),
                Returned::Envelope(fields) => Some(
                    fields
                        .iter()
                        .map(|field| wire_name(&field.name, field.wire.as_ref()).to_owned())
                        .collect(),
                ),
                Returned::Nothing | Returned::Opaque(_) => None,
            });
        }
    }
    // Where a route says what it returns, the last one always fits.
    if route.returns.is_empty() { Ok(None) } else { Err(Reason::ServiceFault) }
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
