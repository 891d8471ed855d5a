//! `waive RULE "reason"` silences a rule in the declaration that it stands in.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{
    ActionClause, BudgetClause, CredentialClause, GroupClause, HeadersClause, Item, OutboundClause,
    ResourceClause, RouteClause, SessionClause, TransportClause, Waiver,
};
use portcullis_syntax::{Code, Diagnostic, Span};

/// A waiver and the declaration that it stands in.
struct Scope<'a> {
    waiver: &'a Waiver,
    within: Span,
}

/// Every waiver of a policy, in the order of the text, whether it silences something or not.
pub fn waivers(compilation: &Compilation) -> impl Iterator<Item = &Waiver> {
    scopes(compilation).into_iter().map(|scope| scope.waiver)
}

fn scopes(compilation: &Compilation) -> Vec<Scope<'_>> {
    let mut scopes = Vec::new();
    for item in compilation.files.iter().flat_map(|file| &file.items) {
        of_item(item, &mut scopes);
    }
    scopes
}

/// Leaves out what is waived, and reports the waivers that silence nothing.
pub(crate) fn apply(
    compilation: &Compilation,
    found: Vec<Diagnostic>,
    known: &[Code],
) -> Vec<Diagnostic> {
    let scopes = scopes(compilation);
    let mut used = vec![false; scopes.len()];
    let mut left = Vec::new();
    for finding in found {
        let mut waived = false;
        for (scope, used) in scopes.iter().zip(&mut used) {
            if scope.waiver.rule.node == finding.code.as_str()
                && holds(scope.within, finding.span())
            {
                waived = true;
                *used = true;
            }
        }
        if !waived {
            left.push(finding);
        }
    }
    for (scope, used) in scopes.iter().zip(used) {
        let rule = &scope.waiver.rule;
        if !known.iter().any(|code| code.as_str() == rule.node) {
            left.push(
                Diagnostic::warning(
                    Code::UnusedWaiver,
                    rule.span,
                    format!("no lint rule is called `{}`", rule.node),
                )
                .did_you_mean(&rule.node, known.iter().map(|code| code.as_str())),
            );
        } else if !used {
            left.push(
                Diagnostic::warning(
                    Code::UnusedWaiver,
                    scope.waiver.span,
                    format!("`{}` finds nothing here to waive", rule.node),
                )
                .help("take the waiver away"),
            );
        }
    }
    left
}

fn holds(within: Span, place: Option<Span>) -> bool {
    place.is_some_and(|place| {
        place.file == within.file && within.start <= place.start && place.end <= within.end
    })
}

fn of_item<'a>(item: &'a Item, scopes: &mut Vec<Scope<'a>>) {
    let mut add = |within: Span, waivers: Vec<&'a Waiver>| {
        scopes.extend(waivers.into_iter().map(|waiver| Scope { waiver, within }));
    };
    match item {
        Item::Transport(found) => {
            let waivers = found.clauses.iter().filter_map(|clause| match clause {
                TransportClause::Waive(waiver) => Some(waiver),
                _ => None,
            });
            add(found.span, waivers.collect());
        }
        Item::Credential(found) => {
            let waivers = found.clauses.iter().filter_map(|clause| match clause {
                CredentialClause::Waive(waiver) => Some(waiver),
                _ => None,
            });
            add(found.span, waivers.collect());
        }
        Item::Role(found) => add(found.span, found.waivers.iter().collect()),
        Item::Enumeration(found) => add(found.span, found.waivers.iter().collect()),
        Item::Resource(found) => {
            for clause in &found.clauses {
                match clause {
                    ResourceClause::Waive(waiver) => add(found.span, vec![waiver]),
                    ResourceClause::View(view) => add(view.span, view.waivers.iter().collect()),
                    _ => {}
                }
            }
        }
        Item::Input(found) => add(found.span, found.waivers.iter().collect()),
        Item::Budget(found) => {
            let waivers = found.clauses.iter().filter_map(|clause| match clause {
                BudgetClause::Waive(waiver) => Some(waiver),
                _ => None,
            });
            add(found.span, waivers.collect());
        }
        Item::Group(found) => {
            for clause in &found.clauses {
                of_group_clause(clause, found.span, scopes);
            }
        }
        Item::Route(found) => of_route(found, scopes),
        Item::Setting(found) => add(found.span, found.waivers.iter().collect()),
        Item::Scope(found) => add(found.span, found.waivers.iter().collect()),
        Item::Action(found) => {
            let waivers = found.clauses.iter().filter_map(|clause| match clause {
                ActionClause::Waive(waiver) => Some(waiver),
                _ => None,
            });
            add(found.span, waivers.collect());
        }
        Item::Cors(found) => add(found.span, found.waivers.iter().collect()),
        Item::Headers(found) => {
            add(found.span, found.waivers.iter().collect());
            for limited in &found.clauses {
                if let HeadersClause::Csp(csp) = &limited.clause {
                    add(limited.span, csp.waivers.iter().collect());
                }
            }
        }
        Item::Errors(found) => add(found.span, found.waivers.iter().collect()),
        Item::Session(found) => {
            let waivers = found.clauses.iter().filter_map(|clause| match clause {
                SessionClause::Waive(waiver) => Some(waiver),
                _ => None,
            });
            add(found.span, waivers.collect());
        }
        Item::Outbound(found) => {
            let waivers = found.clauses.iter().filter_map(|clause| match clause {
                OutboundClause::Waive(waiver) => Some(waiver),
                _ => None,
            });
            add(found.span, waivers.collect());
        }
        Item::Invariant(found) => add(found.span, found.waivers.iter().collect()),
        Item::Test(_) => {}
    }
}

fn of_group_clause<'a>(clause: &'a GroupClause, within: Span, scopes: &mut Vec<Scope<'a>>) {
    match clause {
        GroupClause::Waive(waiver) => scopes.push(Scope { waiver, within }),
        GroupClause::Route(route) => of_route(route, scopes),
        GroupClause::Group(inner) => {
            for clause in &inner.clauses {
                of_group_clause(clause, inner.span, scopes);
            }
        }
        _ => {}
    }
}

fn of_route<'a>(route: &'a portcullis_syntax::ast::Route, scopes: &mut Vec<Scope<'a>>) {
    let waivers = route.clauses.iter().filter_map(|clause| match clause {
        RouteClause::Waive(waiver) => Some(waiver),
        _ => None,
    });
    scopes.extend(waivers.map(|waiver| Scope { waiver, within: route.span }));
}
