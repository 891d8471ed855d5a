//! Who may call what: every role and every route, decided as far as a role decides it.

use portcullis_compiler::plan::{Action, Needed, Plan, Route, SessionVerb, StageChecks};
use portcullis_syntax::Span;

use crate::decide::Viewpoint;
pub use crate::decide::Who;

/// Role × route, and role × action.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Who calls: a column each.
    pub columns: Vec<Who>,
    /// A row for each route, in the order of the plan.
    pub routes: Vec<Row>,
    /// A row for each action, in the order of the plan.
    pub actions: Vec<Row>,
}

/// What each may do at one route or action.
#[derive(Debug, Clone)]
pub struct Row {
    /// What the row's cells depend on, in the order in which they name it.
    pub conditions: Vec<Because>,
    /// A cell for each column.
    pub cells: Vec<Cell>,
}

/// What a cell depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// This `allow` has to hold, this `require` or `visible` too.
    Holds(Span),
    /// This `deny` must not hold.
    Fails(Span),
    /// The credential itself has to grant what this `needs` asks for.
    Granted(Span),
    /// A good refresh token has to come along.
    Refresh(Span),
}

/// What one caller may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Whether they are let in.
    pub call: Call,
    /// Which rows of a list they see.
    pub rows: Rows,
}

/// Whether a caller is let in: with a good request, within the budgets, and the object there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Yes, whatever else the request says.
    May,
    /// Where of each of these groups one holds; by their places among the row's conditions.
    If(Vec<Vec<usize>>),
    /// No, whatever else the request says.
    MayNot,
}

/// Which rows of a list a caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// It is no list, or the caller is not let in.
    NotAsked,
    /// All that the handler hands over.
    All,
    /// Those of which of each of these groups one holds.
    If(Vec<Vec<usize>>),
    /// None.
    None,
}

impl Matrix {
    pub(crate) fn new(plan: &Plan) -> Matrix {
        let mut columns = vec![Who::Anonymous];
        if !plan.credentials.is_empty() {
            columns.push(Who::NoRole);
            columns.extend(
                (0..plan.roles.len()).filter(|role| *role != plan.anonymous).map(Who::Role),
            );
        }
        let row = |decide: &dyn Fn(&mut Row, Who) -> Cell| {
            let mut row = Row { conditions: Vec::new(), cells: Vec::with_capacity(columns.len()) };
            for who in &columns {
                let cell = decide(&mut row, *who);
                row.cells.push(cell);
            }
            row
        };
        let routes = plan.routes.iter().map(|route| row(&|row, who| row.route(plan, route, who)));
        let actions = plan.actions.iter();
        let actions = actions.map(|action| row(&|row, who| row.action(plan, action, who)));
        let (routes, actions) = (routes.collect(), actions.collect());
        Matrix { columns, routes, actions }
    }
}

/// What is known of several checks together.
enum Known {
    /// One of them turns the caller away.
    Refused,
    /// What it depends on; on nothing, where there is none.
    Asks(Vec<Vec<usize>>),
}

impl Row {
    fn route(&mut self, plan: &Plan, route: &Route, who: Who) -> Cell {
        let refused = Cell { call: Call::MayNot, rows: Rows::NotAsked };
        let view = Viewpoint::at(plan, route, who).filter(|_| route.retired.is_none());
        let Some(view) = view else { return refused };
        let lists = route.lists.is_some();
        let mut groups = Vec::new();
        if let Some((SessionVerb::Renews, span)) = route.session {
            groups.push(vec![self.condition(Because::Refresh(span))]);
        }
        match self.needs(&view, &route.needs) {
            Known::Refused => return refused,
            Known::Asks(more) => groups.extend(more),
        }
        let of_call = route.stages().map(|(_, checks)| checks).take(if lists { 3 } else { 4 });
        for checks in of_call {
            match self.checks(&view, checks) {
                Known::Refused => return refused,
                Known::Asks(more) => groups.extend(more),
            }
        }
        let rows = match lists.then(|| self.checks(&view, &route.rows)) {
            None => Rows::NotAsked,
            Some(Known::Refused) => Rows::None,
            Some(Known::Asks(groups)) if groups.is_empty() => Rows::All,
            Some(Known::Asks(groups)) => Rows::If(groups),
        };
        Cell { call: if groups.is_empty() { Call::May } else { Call::If(groups) }, rows }
    }

    fn action(&mut self, plan: &Plan, action: &Action, who: Who) -> Cell {
        let refused = Cell { call: Call::MayNot, rows: Rows::NotAsked };
        let Some(view) = Viewpoint::before(plan, who) else { return refused };
        let mut groups = Vec::new();
        let asked = [
            self.needs(&view, &action.needs),
            self.checks(&view, &action.caller),
            self.checks(&view, &action.object),
        ];
        for known in asked {
            match known {
                Known::Refused => return refused,
                Known::Asks(more) => groups.extend(more),
            }
        }
        let call = if groups.is_empty() { Call::May } else { Call::If(groups) };
        Cell { call, rows: Rows::NotAsked }
    }

    fn needs(&mut self, view: &Viewpoint<'_>, needs: &[Needed]) -> Known {
        let mut groups = Vec::new();
        for needed in needs {
            let known = needed.any.iter().map(|permission| view.can(*permission));
            let known = known.collect::<Vec<_>>();
            if known.contains(&Some(true)) {
                continue;
            }
            if !known.contains(&None) {
                return Known::Refused;
            }
            groups.push(vec![self.condition(Because::Granted(needed.span))]);
        }
        Known::Asks(groups)
    }

    fn checks(&mut self, view: &Viewpoint<'_>, checks: &StageChecks) -> Known {
        let mut groups = Vec::new();
        for (guards, must_hold) in [(&checks.requires, true), (&checks.denies, false)] {
            for guard in guards {
                let because = if must_hold { Because::Holds } else { Because::Fails };
                match view.holds(&guard.condition) {
                    Some(holds) if holds == must_hold => {}
                    Some(_) => return Known::Refused,
                    None => groups.push(vec![self.condition(because(guard.span))]),
                }
            }
        }
        for group in &checks.allows {
            let known = group.iter().map(|allow| (view.holds(&allow.condition), allow.span));
            let known = known.collect::<Vec<_>>();
            if known.iter().any(|(holds, _)| *holds == Some(true)) {
                continue;
            }
            let open = known.iter().filter(|(holds, _)| holds.is_none());
            let open = open.map(|(_, span)| self.condition(Because::Holds(*span)));
            let open = open.collect::<Vec<_>>();
            if open.is_empty() {
                return Known::Refused;
            }
            groups.push(open);
        }
        Known::Asks(groups)
    }

    /// The place of a condition among the row's.
    fn condition(&mut self, because: Because) -> usize {
        let known = self.conditions.iter().position(|known| *known == because);
        known.unwrap_or_else(|| {
            self.conditions.push(because);
            self.conditions.len() - 1
        })
    }
}
