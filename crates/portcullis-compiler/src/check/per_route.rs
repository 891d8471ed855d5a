//! A condition that is asked on several routes, where its names may mean different things.

use portcullis_syntax::{Diagnostic, Span};

use super::Report;
use super::expression::{Checker, Scope};
use super::types::Table;

/// Checks a condition on each route, given by where it stands and what may be named there. A fault
/// is reported once; what is wrong on some routes alone names the first of them, with `help` where
/// the fault itself offers none.
pub(super) fn check<'a>(
    routes: &[(Span, Scope<'_>)],
    help: Option<&str>,
    table: &mut Table<'a>,
    report: &mut Report,
    mut condition: impl FnMut(&mut Checker<'_, 'a>),
) {
    // Each fault, with the first route that it is on and the number of them.
    let mut faults: Vec<(Diagnostic, Span, usize)> = Vec::new();
    for (route, scope) in routes {
        let mut here = Report::default();
        condition(&mut Checker::new(table, *scope, &mut here));
        here.lost.iter().for_each(|span| report.lost(*span));
        for fault in here.diagnostics {
            let same = |known: &&mut (Diagnostic, Span, usize)| {
                known.0.span() == fault.span() && known.0.message == fault.message
            };
            match faults.iter_mut().find(same) {
                Some((.., count)) => *count += 1,
                None => faults.push((fault, *route, 1)),
            }
        }
    }
    for (fault, route, count) in faults {
        // What is wrong on all of them is the condition's own fault.
        if count == routes.len() {
            report.add(fault);
            continue;
        }
        let own_help = fault.help.is_some();
        let fault = fault.and(route, "on this route");
        report.add(match help {
            Some(help) if !own_help => fault.help(help),
            _ => fault,
        });
    }
}
