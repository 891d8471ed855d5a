//! What is asked on a route: by itself, by the groups around it, and by the actions that it does.

use portcullis::Reason;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{self, ActionClause, Demand};

use crate::input::{Body, Declared};

/// Who may come to a route.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Access {
    #[default]
    Credential,
    Optional,
    Public,
}

/// `require` or `deny`.
#[derive(Clone)]
pub(crate) struct Guard {
    /// Whether it is a `require`.
    pub(crate) must_hold: bool,
    pub(crate) condition: ast::Condition,
    pub(crate) reason: Reason,
    pub(crate) span: Span,
}

/// One permission, or one of several.
#[derive(Clone)]
pub(crate) struct Need {
    pub(crate) any: Vec<ast::Permission>,
    pub(crate) span: Span,
}

/// A budget and what it costs.
#[derive(Clone)]
pub(crate) struct Charge {
    pub(crate) budget: String,
    pub(crate) units: i128,
    /// Where it is named.
    pub(crate) span: Span,
}

/// What is asked: of a route with the groups around it and the actions that it does, or of an action.
/// What stands in a group comes first.
#[derive(Clone, Default)]
pub(crate) struct Route {
    pub(crate) method: String,
    /// From the method to the end of the pattern; of an action, its name.
    pub(crate) span: Option<Span>,
    pub(crate) segments: Vec<ast::Segment>,
    pub(crate) trailing_slash: bool,
    pub(crate) retired: Option<Span>,
    pub(crate) access: Access,
    /// `public`, or the innermost `accept`.
    pub(crate) access_span: Option<Span>,
    pub(crate) signed_in: bool,
    /// The innermost `accept`.
    pub(crate) accept: Vec<String>,
    pub(crate) needs: Vec<Need>,
    /// Of each group, one must hold: the route's own, and those of each action.
    pub(crate) allows: Vec<Vec<ast::Allow>>,
    pub(crate) guards: Vec<Guard>,
    pub(crate) budgets: Vec<Charge>,
    pub(crate) params: Vec<Declared>,
    pub(crate) query: Vec<Declared>,
    pub(crate) header: Vec<Declared>,
    /// Where a `query` is declared last.
    pub(crate) query_span: Option<Span>,
    pub(crate) body: Option<(Body, Span)>,
    pub(crate) loads: Vec<ast::Loads>,
    pub(crate) lists: Option<(String, i64, Span)>,
    pub(crate) creates: Option<(String, Span)>,
    pub(crate) returns: Vec<Returns>,
    /// `issues`, `renews` or `ends`.
    pub(crate) session: Option<String>,
    /// Where that stands.
    pub(crate) session_span: Option<Span>,
}

/// What is shown, and when.
#[derive(Clone)]
pub(crate) struct Returns {
    pub(crate) returned: ast::Returned,
    pub(crate) condition: Option<ast::Condition>,
    pub(crate) span: Span,
}

impl Route {
    /// What an action asks, as if it were a route.
    pub(crate) fn of_action(action: &ast::Action) -> Route {
        let mut asked = Route { span: Some(action.name.span), ..Route::default() };
        let mut allows = Vec::new();
        for clause in &action.clauses {
            match clause {
                ActionClause::Demand(demand) => asked.demand(demand),
                ActionClause::Allow(allow) => allows.push(allow.clone()),
                ActionClause::Loads(loads) => {
                    asked.loads.push(ast::Loads { by: Vec::new(), ..loads.clone() });
                }
                ActionClause::Waive(_) => {}
            }
        }
        if !allows.is_empty() {
            asked.allows.push(allows);
        }
        asked
    }

    pub(crate) fn demand(&mut self, demand: &Demand) {
        match demand {
            Demand::Needs(needs) if needs.any => {
                self.needs.push(Need { any: needs.permissions.clone(), span: needs.span });
            }
            Demand::Needs(needs) => {
                let each = needs.permissions.iter();
                self.needs
                    .extend(each.map(|name| Need { any: vec![name.clone()], span: name.span }));
            }
            Demand::Require(guard) => self.guards.push(Guard::of(guard, true)),
            Demand::Deny(guard) => self.guards.push(Guard::of(guard, false)),
            Demand::Budget(budgets, _) => {
                let charged = budgets.iter().map(|charged| {
                    let cost = charged.cost.as_ref().map_or(1, |cost| i128::from(cost.node));
                    let (budget, span) = (charged.budget.node.clone(), charged.budget.span);
                    Charge { budget, units: cost, span }
                });
                self.budgets.extend(charged);
            }
        }
    }

    /// Whether a caller with scopes may come.
    pub(crate) fn takes_scopes(&self) -> bool {
        !self.needs.is_empty() || self.signed_in || self.access != Access::Credential
    }

    /// The resources that the route speaks of.
    pub(crate) fn resources(&self) -> Vec<&str> {
        let loaded = self.loads.iter().map(|loads| loads.resource.node.as_str());
        loaded.chain(self.subject()).collect()
    }

    /// The resource that the route lists or creates.
    pub(crate) fn subject(&self) -> Option<&str> {
        let listed = self.lists.as_ref().map(|(resource, ..)| resource);
        let created = self.creates.as_ref().map(|(resource, _)| resource);
        listed.or(created).map(String::as_str)
    }
}

impl Guard {
    fn of(guard: &ast::Guard, must_hold: bool) -> Guard {
        let reason = match guard.reason.as_ref().map(|name| name.node.as_str()) {
            None => Reason::Forbidden,
            Some("conflict") => Reason::Conflict,
            Some("not_found") => Reason::NotFound,
            Some("step_up") => Reason::StepUp,
            Some(other) => panic!("`as {other}` is not supported yet"),
        };
        Guard { must_hold, condition: guard.condition.clone(), reason, span: guard.span }
    }
}
