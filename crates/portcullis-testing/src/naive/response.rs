//! The response stage: the view that is shown, of the object or of each row.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_syntax::ast::{ResourceClause, View, ViewRef};
use portcullis_test::Answer;

use super::Refused;
use super::condition::holds;
use super::object::Shown;
use super::policy::{Policy, Route, wire_name};
use super::scope::Scope;

pub(super) fn decide(
    policy: &Policy,
    route: &Route,
    scope: &mut Scope<'_>,
    shown: Shown,
) -> Result<Answer, Refused> {
    let mut fields = BTreeSet::new();
    let rows = match shown {
        Shown::One => {
            fields.extend(wire_names(policy, route, scope)?);
            None
        }
        Shown::Rows(rows) => {
            let count = rows.len();
            for row in rows {
                scope.object = row;
                fields.extend(wire_names(policy, route, scope)?);
            }
            Some(count)
        }
    };
    let fields = (!route.returns.is_empty()).then_some(fields);
    Ok(Answer::Admitted { fields, rows })
}

/// What the first view that fits may show of the object in `scope`.
fn wire_names(
    policy: &Policy,
    route: &Route,
    scope: &Scope<'_>,
) -> Result<BTreeSet<String>, Reason> {
    for (view, condition) in &route.returns {
        let fits = match condition {
            Some(condition) => holds(condition, scope)?,
            None => true,
        };
        if fits {
            let shown = self::view(policy, view).fields.iter();
            return Ok(shown
                .map(|f| wire_name(&f.name, f.wire.as_ref()).to_owned())
                .collect());
        }
    }
    // Where a route returns views, the last one always fits.
    if route.returns.is_empty() {
        Ok(BTreeSet::new())
    } else {
        Err(Reason::ServiceFault)
    }
}

fn view<'a>(policy: &'a Policy, named: &ViewRef) -> &'a View {
    let mut clauses = policy.resource(&named.resource.node).clauses.iter();
    let found = clauses.find_map(|clause| match clause {
        ResourceClause::View(view) if view.name.node == named.view.node => Some(view),
        _ => None,
    });
    found.expect("compiled")
}
