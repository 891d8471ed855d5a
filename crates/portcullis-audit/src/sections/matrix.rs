//! Role × route, role × action, and what the conditions in it mean.

use portcullis_compiler::plan::{Access, Needed, Route};
use portcullis_syntax::ast::{Item, ResourceClause, RouteClause};

use super::caller;
use crate::document::{Mark, Section, Table, Text};
use crate::matrix::{Because, Call, Cell, Row, Rows};
use crate::subject::Subject;

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    let plan = subject.plan;
    let columns = subject.matrix.columns.iter().map(|who| caller(subject, *who));
    let columns = columns.collect::<Vec<_>>();
    let table = |caption: &str, first: &'static str| {
        let columns = [first, "Asks for"].into_iter().chain(columns.iter().copied());
        Table::new(caption, &columns.chain(["Depends on"]).collect::<Vec<_>>())
    };
    let mut routes = table("Who may call which route", "Route");
    for (route, row) in plan.routes.iter().zip(&subject.matrix.routes) {
        let head = [subject.placed(route), asks(subject, route)];
        routes.row(head.into_iter().chain(cells(row)).chain([depends(subject, row)]));
    }
    let mut section = Section::new("matrix", "Roles and routes")
        .says(
            Text::said("Each cell speaks of a caller who has this one role, with all that it inherits: ")
                .mark(Mark::May)
                .words(", ")
                .mark(Mark::No)
                .words(", or ")
                .mark(Mark::If)
                .words(
                    " the numbered conditions of the row hold. The caller comes with a credential that the \
                     route takes, a good request, and budgets that are not drained; the object is there. \
                     Scopes of a credential take permissions away and are not counted in. ",
                )
                .words("“no role” is whoever has a credential that names no role of the policy."),
        )
        .table(routes, "The policy has no routes.");
    if !plan.actions.is_empty() {
        let mut actions = table("Who may do which action, apart from HTTP", "Action");
        for (action, row) in plan.actions.iter().zip(&subject.matrix.actions) {
            let head = [subject.named(&action.name, action.span), needs(subject, &action.needs)];
            actions.row(head.into_iter().chain(cells(row)).chain([depends(subject, row)]));
        }
        section = section.table(actions, "");
    }
    section.table(predicates(subject), "The policy names no conditions.").table(roles(subject), "")
}

/// What a route asks of whoever comes, in short.
pub(crate) fn asks(subject: &Subject<'_>, route: &Route) -> Text {
    if route.retired.is_some() {
        return Text::said("retired: 410 for everybody");
    }
    let accepted = route.access.accepted().iter();
    let accepted = accepted.filter_map(|index| subject.plan.credentials.get(*index));
    let accepted = Text::names(accepted.map(|found| found.name.as_str()));
    let access = match route.access {
        Access::Public => Text::said("`public`"),
        Access::Optional(_) => Text::said("`public optional`, takes ").then(accepted),
        Access::Credential(_) => accepted,
    };
    let states = |is: fn(&RouteClause) -> bool| subject.clauses(route).iter().any(is);
    let signed_in = states(|clause| matches!(clause, RouteClause::SignedIn(_)));
    let access = if signed_in { access.words(", ").code("signed_in") } else { access };
    if route.needs.is_empty() {
        return access;
    }
    access.line().then(needs(subject, &route.needs))
}

pub(crate) fn needs(subject: &Subject<'_>, needs: &[Needed]) -> Text {
    let each = needs.iter().map(|needed| {
        let names = Text::names(needed.any.iter().map(|index| subject.permission(*index)));
        if needed.any.len() > 1 { Text::said("one of ").then(names) } else { names }
    });
    let all = Text::joined(each, " and ");
    if all.is_empty() { all } else { Text::said("needs ").then(all) }
}

fn cells(row: &Row) -> impl Iterator<Item = Text> {
    row.cells.iter().map(cell)
}

fn cell(cell: &Cell) -> Text {
    let text = match &cell.call {
        Call::May => Text::default().mark(Mark::May),
        Call::MayNot => Text::default().mark(Mark::No),
        Call::If(groups) => Text::default().mark(Mark::If).words(format!(" {}", numbers(groups))),
    };
    match &cell.rows {
        Rows::NotAsked => text,
        Rows::All => text.words("; all rows"),
        Rows::None => text.words("; no row"),
        Rows::If(groups) => text.words(format!("; rows with {}", numbers(groups))),
    }
}

fn numbers(groups: &[Vec<usize>]) -> String {
    let groups = groups.iter().map(|group| {
        let one = group.iter().map(|place| (place + 1).to_string()).collect::<Vec<_>>();
        let text = one.join(" or ");
        if groups.len() > 1 && group.len() > 1 { format!("({text})") } else { text }
    });
    groups.collect::<Vec<_>>().join(" and ")
}

fn depends(subject: &Subject<'_>, row: &Row) -> Text {
    Text::lines(row.conditions.iter().enumerate().map(|(index, because)| {
        let text = Text::default().words(format!("{}: ", index + 1));
        match because {
            Because::Holds(span) => text.then(subject.clause(*span)),
            Because::Fails(span) => text.words("not ").then(subject.clause(*span)),
            Because::Granted(span) => {
                text.words("the credential itself grants ").then(subject.clause(*span))
            }
            Because::Refresh(span) => {
                text.words("a good refresh token comes along: ").then(subject.clause(*span))
            }
        }
    }))
}

fn predicates(subject: &Subject<'_>) -> Table {
    let mut table = Table::new(
        "What the named conditions mean",
        &["Condition", "Resource", "Holds when", "Place"],
    );
    for item in subject.items() {
        let Item::Resource(resource) = item else { continue };
        for clause in &resource.clauses {
            let (name, condition, span) = match clause {
                ResourceClause::Predicate { name, condition, span } => {
                    (name.node.as_str(), subject.places.words(condition.span), *span)
                }
                ResourceClause::Visible { span, .. } => {
                    ("visible", subject.places.words(*span), *span)
                }
                _ => continue,
            };
            table.row([
                Text::default().code(name),
                Text::default().code(&resource.name.node),
                Text::default().code(condition),
                Text::default().place(subject.places.place(span)),
            ]);
        }
    }
    table
}

/// Every role, with all that it is and may.
fn roles(subject: &Subject<'_>) -> Table {
    let plan = subject.plan;
    let mut table = Table::new(
        "Roles, with what they inherit",
        &["Role", "In credentials", "Includes", "Permissions"],
    );
    for (index, role) in plan.roles.iter().enumerate() {
        let includes = plan.roles.iter().enumerate();
        let includes = includes.filter(|(other, _)| *other != index && role.includes.has(*other));
        let permissions = plan.permissions.iter().enumerate();
        let permissions = permissions.filter(|(index, _)| role.permissions.has(*index));
        let outside = match index == plan.anonymous {
            true => Text::said("never: whoever has none, and everybody beside their roles"),
            false => Text::default().code(&role.wire),
        };
        table.row([
            Text::default().code(&role.name),
            outside,
            Text::names(includes.map(|(_, role)| role.name.as_str())).or("none"),
            Text::names(permissions.map(|(_, name)| name.as_str())).or("none"),
        ]);
    }
    table
}
