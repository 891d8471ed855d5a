//! `waive RULE "reason"` silences a rule in the declaration that it stands in.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{
    ActionClause, BudgetClause, CredentialClause, GroupClause, HeadersClause, Item, OutboundClause,
    ResourceClause, RouteClause, SessionClause, TransportClause, Waiver,
};
use portcullis_syntax::{Diagnostic, Span};

use crate::Verdict;
use crate::rules::{RULES, unused_waiver};

/// A waiver and the declaration that it stands in.
struct Scope<'a> {
    waiver: &'a Waiver,
    within: Span,
}

/// Sets apart what is waived, and reports the waivers that silence nothing.
pub(crate) fn apply(compilation: &Compilation, found: Vec<Diagnostic>) -> Verdict<'_> {
    let scopes = scopes(compilation);
    let mut verdict = Verdict::default();
    let used = silence(&scopes, found, &mut verdict);
    for (scope, used) in scopes.iter().zip(used) {
        if !used {
            verdict.open.push(unused(scope.waiver));
        }
    }
    verdict.waivers = scopes.into_iter().map(|scope| scope.waiver).collect();
    verdict
}

fn scopes(compilation: &Compilation) -> Vec<Scope<'_>> {
    let mut scopes = Vec::new();
    for item in compilation.files.iter().flat_map(|file| &file.items) {
        of_item(item, &mut scopes);
    }
    scopes
}

/// Which waivers silence something. The findings are in the order of their places.
fn silence<'c>(
    scopes: &[Scope<'c>],
    found: Vec<Diagnostic>,
    verdict: &mut Verdict<'c>,
) -> Vec<bool> {
    let mut used = vec![false; scopes.len()];
    let begin = |scope: &Scope<'_>| (scope.within.file, scope.within.start);
    let mut ahead: Vec<_> = scopes.iter().zip(&mut used).collect();
    ahead.sort_by_key(|(scope, _)| std::cmp::Reverse(begin(scope)));
    // The declarations around the place that is looked at, which are few: of a large policy only those are asked.
    let mut around: Vec<(&Scope<'c>, &mut bool)> = Vec::new();
    for finding in found {
        let Some(place) = finding.span() else {
            verdict.open.push(finding);
            continue;
        };
        while let Some(next) = ahead.pop_if(|(scope, _)| begin(scope) <= (place.file, place.start))
        {
            around.push(next);
        }
        around
            .retain(|(scope, _)| scope.within.file == place.file && place.start < scope.within.end);
        let mut waived = None;
        for (scope, used) in &mut around {
            if scope.waiver.rule.node == finding.code.as_str() && place.end <= scope.within.end {
                waived = Some(scope.waiver);
                **used = true;
            }
        }
        match waived {
            None => verdict.open.push(finding),
            Some(waiver) => verdict.waived.push((finding, waiver)),
        }
    }
    used
}

fn unused(waiver: &Waiver) -> Diagnostic {
    let rule = &waiver.rule;
    let known = || RULES.iter().map(|rule| rule.name);
    if known().any(|name| name == rule.node) {
        let message = format!("`{}` finds nothing here to waive", rule.node);
        let fault = unused_waiver::RULE.finding(waiver.span, message);
        fault.help("take the waiver away").edit(waiver.span, "")
    } else {
        let message = format!("no lint rule is called `{}`", rule.node);
        let fault = unused_waiver::RULE.finding(rule.span, message);
        // What was meant is not known: the reason may still be a good one.
        fault.help("`portcullis rule` lists them").did_you_mean(&rule.node, known())
    }
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
