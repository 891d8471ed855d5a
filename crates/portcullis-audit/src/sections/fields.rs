//! Which fields leave: by route, by view and role, and which never do.

use std::collections::{BTreeSet, HashMap};

use portcullis_compiler::plan::{Attribute, Content, Resource, Returned, Returns, Route, ViewOf};
use portcullis_syntax::ast::RouteClause;

use super::{callers, findings};
use crate::decide::Viewpoint;
use crate::document::{Mark, Section, Table, Text};
use crate::matrix::{Call, Row, Rows, Who};
use crate::sections::budgets::when;
use crate::subject::{Subject, several};

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    let mut by_route = Table::new(
        "What leaves, by route and role",
        &["Route", "Shows", "When", "To whom", "Fields on the wire"],
    );
    let mut views: HashMap<(usize, usize), Reached> = HashMap::new();
    for (route, row) in subject.plan.routes.iter().zip(&subject.matrix.routes) {
        if route.retired.is_some() {
            continue;
        }
        if route.returns.is_empty() {
            let shows = Text::default().mark(Mark::Gap).words(" whatever the handler answers");
            let unknown = Text::said("unknown to the policy");
            let may = admitted(subject, row);
            let cells = [subject.route(route), shows, Text::default(), callers(subject, &may)];
            by_route.row(cells.into_iter().chain([unknown]));
        }
        let conditions = conditions(subject, route);
        for ((returns, reached), condition) in
            route.returns.iter().zip(reached(subject, route, row)).zip(conditions)
        {
            for view in shown(&returns.returned) {
                let found = views.entry((view.resource, view.view)).or_default();
                found.routes += 1;
                found.by.extend(reached.sure.iter().chain(&reached.maybe).copied().map(order));
            }
            let whom = Text::joined(
                [
                    Some(callers(subject, &reached.sure)).filter(|text| !text.is_empty()),
                    Some(callers(subject, &reached.maybe))
                        .filter(|text| !text.is_empty())
                        .map(|text| text.words(" (if so)")),
                ]
                .into_iter()
                .flatten(),
                "; ",
            );
            by_route.row([
                subject.route(route),
                shows(subject, route, &returns.returned),
                condition,
                whom.or("nobody"),
                wires(subject, &returns.returned),
            ]);
        }
    }
    Section::new("fields", "Fields that leave")
        .says(Text::said(
            "Where a route returns a view, the engine writes the answer's body field by field: nothing else \
             is in it. Headers that a handler sets leave as they are. Where it returns nothing there is no \
             body. “(if so)”: it depends on more than the role.",
        ))
        .table(by_route, "The policy has no routes that answer.")
        .table(by_view(subject, &views), "The policy has no views.")
        .table(attributes(subject), "The policy has no resources.")
}

/// Who gets an answer.
#[derive(Default)]
struct Reach {
    sure: Vec<Who>,
    maybe: Vec<Who>,
}

/// Who gets a view, and on how many routes.
#[derive(Default)]
struct Reached {
    by: BTreeSet<usize>,
    routes: usize,
}

/// Columns in the order of the matrix.
fn order(who: Who) -> usize {
    match who {
        Who::Anonymous => 0,
        Who::NoRole => 1,
        Who::Role(role) => role + 2,
    }
}

fn admitted(subject: &Subject<'_>, row: &Row) -> Vec<Who> {
    let cells = subject.matrix.columns.iter().zip(&row.cells);
    let may = cells.filter(|(_, cell)| cell.call != Call::MayNot && cell.rows != Rows::None);
    may.map(|(who, _)| *who).collect()
}

/// Of each `returns`: who is shown it, for sure or where its `when` holds.
fn reached(subject: &Subject<'_>, route: &Route, row: &Row) -> Vec<Reach> {
    let mut all = route.returns.iter().map(|_| Reach::default()).collect::<Vec<_>>();
    for who in admitted(subject, row) {
        let Some(view) = Viewpoint::at(subject.plan, route, who) else { continue };
        let mut before = false;
        for (returns, reach) in route.returns.iter().zip(&mut all) {
            let holds = returns.condition.as_ref().map_or(Some(true), |found| view.holds(found));
            match holds {
                Some(false) => continue,
                Some(true) if !before => reach.sure.push(who),
                _ => reach.maybe.push(who),
            }
            if holds == Some(true) {
                break;
            }
            before = true;
        }
    }
    all
}

/// The `when` of each `returns`, in the author's words.
fn conditions(subject: &Subject<'_>, route: &Route) -> Vec<Text> {
    let several = route.returns.len() > 1;
    let written = subject.clauses(route).iter().filter_map(|clause| match clause {
        RouteClause::Returns { condition, .. } => Some(condition.as_ref()),
        _ => None,
    });
    let written = written.map(|condition| match condition {
        Some(condition) => when(subject, condition),
        None if several => Text::said("otherwise"),
        None => Text::said("always"),
    });
    written.collect()
}

/// What an answer is, with the reason of an opaque one.
pub(crate) fn shows(subject: &Subject<'_>, route: &Route, returned: &Returned) -> Text {
    let text = subject.returned(returned);
    match returned {
        Returned::Opaque => Text::default()
            .mark(Mark::Review)
            .words(" ")
            .then(text)
            .words(": ")
            .then(findings::opaque(subject, route)),
        Returned::Nothing if route.session.is_some() => session(route),
        _ => text,
    }
}

fn session(route: &Route) -> Text {
    use portcullis_compiler::plan::SessionVerb;
    match route.session_verb() {
        Some(SessionVerb::Issues | SessionVerb::Renews) => Text::said("the tokens of the session"),
        _ => Text::said("nothing"),
    }
}

/// The views of an answer.
fn shown(returned: &Returned) -> Vec<ViewOf> {
    match returned {
        Returned::View(view) | Returned::List(view) => vec![*view],
        Returned::Envelope(fields) => {
            let views = fields.iter().filter_map(|field| match field.content {
                Content::View(view) | Content::List(view) => Some(view),
                Content::Plain(_) => None,
            });
            views.collect()
        }
        Returned::Nothing | Returned::Opaque => Vec::new(),
    }
}

fn wires(subject: &Subject<'_>, returned: &Returned) -> Text {
    match returned {
        Returned::View(view) | Returned::List(view) => names(subject.wires(*view)),
        Returned::Envelope(fields) => {
            let all = fields.iter().flat_map(|field| match field.content {
                Content::View(view) | Content::List(view) => {
                    let inner = subject.wires(view).iter();
                    inner.map(|name| format!("{}.{name}", field.wire)).collect()
                }
                Content::Plain(_) => vec![field.wire.clone()],
            });
            names(&all.collect::<Vec<_>>())
        }
        Returned::Nothing => Text::said("none"),
        Returned::Opaque => Text::said("unknown to the policy"),
    }
}

/// As one run of code: a list of fields is read as one.
fn names(wires: &[String]) -> Text {
    Text::default().code(wires.join(" ")).or("none")
}

fn by_view(subject: &Subject<'_>, reached: &HashMap<(usize, usize), Reached>) -> Table {
    let mut table = Table::new(
        "Views, and who can be shown them",
        &["View", "Fields on the wire", "Callers", "On"],
    );
    for (resource, found) in subject.plan.resources.iter().enumerate() {
        for view in 0..found.views.len() {
            let of = ViewOf { resource, view };
            let found = reached.get(&(resource, view));
            let by = subject.matrix.columns.iter().copied();
            let by = by.filter(|who| found.is_some_and(|found| found.by.contains(&order(*who))));
            let routes = found.map_or(0, |found| found.routes);
            table.row([
                Text::default().code(subject.view(of)),
                names(subject.wires(of)),
                callers(subject, &by.collect::<Vec<_>>()).or("nobody"),
                match routes {
                    0 => Text::said("no route by itself"),
                    count => Text::default().words(several(count, "answer")),
                },
            ]);
        }
    }
    table
}

fn attributes(subject: &Subject<'_>) -> Table {
    let mut table = Table::new(
        "Attributes, and the views that show them",
        &["Attribute", "Type", "Shown by", "Remark"],
    );
    for resource in &subject.plan.resources {
        for (slot, attribute) in resource.attributes.iter().enumerate() {
            let views = resource.views.iter();
            let views =
                views.filter(|view| view.fields.iter().any(|field| field.attribute == slot));
            let views = Text::names(views.map(|view| view.name.as_str()));
            let remark = remark(resource, slot, attribute, views.is_empty());
            let optional = if attribute.optional { "?" } else { "" };
            table.row([
                Text::default().code(format!("{}.{}", resource.name, attribute.name)),
                Text::default().code(format!("{}{optional}", subject.kind(&attribute.kind))),
                views.or("no view"),
                remark,
            ]);
        }
    }
    table
}

fn remark(resource: &Resource, slot: usize, attribute: &Attribute, unshown: bool) -> Text {
    let mut remarks = Vec::new();
    if resource.key.contains(&slot) {
        remarks.push(Text::said("key"));
    }
    if attribute.secret {
        remarks.push(Text::said("`secret`: in no view and no condition, that does not compile"));
    } else if unshown {
        remarks.push(Text::said("never leaves by a view"));
    }
    Text::joined(remarks, "; ")
}

/// Whether an answer is made by the handler, with nothing that the engine holds it to.
pub(crate) fn unheld(returns: &[Returns]) -> bool {
    returns.iter().any(|found| matches!(found.returned, Returned::Opaque))
}
