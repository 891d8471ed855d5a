//! The clauses of a policy that can be decided, from its text.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Access, Route as Planned};
use portcullis_syntax::Span;
use portcullis_syntax::ast::{
    ActionClause, Condition, Content, Demand, Expression, ExpressionKind, Group, GroupClause, Item,
    ResourceClause, Returned, Route, RouteClause,
};

use super::{Key, Kind, Seen, Way};

/// A clause, and how often it came out each way.
#[derive(Debug)]
pub(in crate::verb::test) struct Covered {
    pub(super) kind: Kind,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
    /// As it is written, on one line.
    pub(super) text: String,
    pub(super) ways: Vec<(Way, u64)>,
}

impl Covered {
    /// The ways in which no test has it come out.
    pub(super) fn missing(&self) -> impl Iterator<Item = Way> {
        self.ways.iter().filter(|(_, count)| *count == 0).map(|(way, _)| *way)
    }
}

/// The clauses of a policy that has compiled, in the order of the text.
pub(in crate::verb::test) fn covered(compilation: &Compilation, seen: &Seen) -> Vec<Covered> {
    let mut clauses = Clauses { compilation, found: Vec::new(), known: HashSet::new() };
    for item in compilation.files.iter().flat_map(|file| &file.items) {
        clauses.item(item);
    }
    clauses.found.sort_by_key(|clause| (clause.span, clause.kind));
    let sources = &compilation.sources;
    let covered = clauses.found.into_iter().map(|clause| {
        let (line, column) = sources.position(clause.span.file, clause.span.start);
        let ways = clause.ways.iter().map(|way| (*way, seen.count(&clause.key, *way)));
        Covered {
            kind: clause.kind,
            file: sources.file(clause.span.file).map_or("", |file| &file.name).to_owned(),
            line,
            column,
            text: clause.text.unwrap_or_else(|| {
                sources.slice(clause.span).split_whitespace().collect::<Vec<_>>().join(" ")
            }),
            ways: ways.collect(),
        }
    });
    covered.collect()
}

struct Clause {
    kind: Kind,
    key: Key,
    span: Span,
    ways: Vec<Way>,
    /// What it is called, where that is more than is written at its place.
    text: Option<String>,
}

struct Clauses<'c> {
    compilation: &'c Compilation,
    found: Vec<Clause>,
    known: HashSet<(Kind, Span)>,
}

impl Clauses<'_> {
    fn add(&mut self, kind: Kind, key: Key, span: Span, ways: Vec<Way>) {
        if self.known.insert((kind, span)) {
            self.found.push(Clause { kind, key, span, ways, text: None });
        }
    }

    fn at(&mut self, kind: Kind, span: Span) {
        self.add(kind, Key::At(span), span, kind.ways().to_vec());
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Route(route) => self.route(route),
            Item::Group(group) => self.group(group),
            Item::Budget(budget) => {
                let key = Key::Budget(budget.name.node.clone());
                self.add(Kind::Budget, key, budget.name.span, Kind::Budget.ways().to_vec());
            }
            Item::Action(action) => {
                let key = Key::Action(action.name.node.clone());
                self.add(Kind::Action, key, action.name.span, Kind::Action.ways().to_vec());
                for clause in &action.clauses {
                    match clause {
                        ActionClause::Demand(demand) => self.demand(demand),
                        ActionClause::Allow(allow) => {
                            self.guard(Kind::Allow, allow.span, &allow.condition);
                        }
                        ActionClause::Loads(_) | ActionClause::Waive(_) => {}
                    }
                }
            }
            Item::Resource(resource) => {
                for clause in &resource.clauses {
                    match clause {
                        ResourceClause::Predicate { condition, .. } => self.operands(condition),
                        ResourceClause::Visible { condition, span } => {
                            self.guard(Kind::Visible, *span, condition);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn group(&mut self, group: &Group) {
        for clause in &group.clauses {
            match clause {
                GroupClause::Route(route) => self.route(route),
                GroupClause::Group(group) => self.group(group),
                GroupClause::Demand(demand) => self.demand(demand),
                _ => {}
            }
        }
    }

    fn route(&mut self, route: &Route) {
        let span = route.method.span.to(route.pattern.span);
        let plan = self.compilation.plans.first();
        let planned = plan.and_then(|plan| plan.routes.iter().find(|known| known.span == span));
        let ways = match planned {
            Some(planned) if planned.retired.is_some() => vec![Way::Refused],
            Some(planned) if !may_refuse(planned) => vec![Way::Admitted],
            _ => Kind::Route.ways().to_vec(),
        };
        self.add(Kind::Route, Key::At(span), span, ways);
        if let Some(clause) = self.found.last_mut() {
            // With the paths of the groups around it.
            clause.text = planned.map(|found| format!("{} {}", found.method, found.pattern));
        }
        for clause in &route.clauses {
            match clause {
                RouteClause::Demand(demand) => self.demand(demand),
                RouteClause::Allow(allow) => self.guard(Kind::Allow, allow.span, &allow.condition),
                RouteClause::Returns { returned, span, .. } if shows_view(returned) => {
                    self.at(Kind::View, *span);
                }
                _ => {}
            }
        }
    }

    fn demand(&mut self, demand: &Demand) {
        match demand {
            Demand::Require(guard) => self.guard(Kind::Require, guard.span, &guard.condition),
            Demand::Deny(guard) => self.guard(Kind::Deny, guard.span, &guard.condition),
            Demand::Needs(_) | Demand::Budget(..) => {}
        }
    }

    /// A clause, the operands of its condition, and what sets it aside.
    fn guard(&mut self, kind: Kind, span: Span, condition: &Condition) {
        self.at(kind, span);
        self.operands(&condition.when);
        if let Some(unless) = &condition.unless {
            self.at(Kind::Branch, unless.span);
            self.operands(unless);
        }
    }

    /// Every operand of every `and` and `or`.
    fn operands(&mut self, expression: &Expression) {
        match &expression.node {
            ExpressionKind::And(parts) | ExpressionKind::Or(parts) => {
                for part in parts {
                    self.at(Kind::Branch, part.span);
                    self.operands(part);
                }
            }
            ExpressionKind::Not(inner) => self.operands(inner),
            _ => {}
        }
    }
}

fn shows_view(returned: &Returned) -> bool {
    match returned {
        Returned::View(_) | Returned::List(_) => true,
        Returned::Envelope(fields) => {
            fields.iter().any(|field| !matches!(field.content, Content::Plain(_)))
        }
        Returned::Nothing | Returned::Opaque(_) => false,
    }
}

/// Whether the route asks anything of a request that has come to it.
fn may_refuse(route: &Planned) -> bool {
    let open = route.access == Access::Public && route.session.is_none() && route.needs.is_empty();
    let takes_nothing = route.params.is_empty()
        && route.query.is_empty()
        && route.header.is_empty()
        && route.body.is_none()
        && route.loads.is_empty();
    !open || !takes_nothing || route.stages().any(|(_, checks)| !checks.is_empty())
}
