//! The declarations of all files together, and every route with what its groups ask of it.

use portcullis::Reason;
use portcullis_syntax::ast;
use portcullis_syntax::ast::{GroupClause, Item, RouteClause, TransportClause};

use super::NaiveKey;

/// A policy under one profile.
pub(super) struct Policy {
    pub(super) profile: String,
    pub(super) keys: Vec<NaiveKey>,
    pub(super) transport: Vec<TransportClause>,
    pub(super) credentials: Vec<ast::Credential>,
    pub(super) roles: Vec<ast::Role>,
    pub(super) enumerations: Vec<ast::Enumeration>,
    pub(super) resources: Vec<ast::Resource>,
    pub(super) inputs: Vec<ast::Input>,
    pub(super) budgets: Vec<ast::Budget>,
    pub(super) routes: Vec<Route>,
}

/// A route, with what the groups around it say. What stands in a group comes first.
#[derive(Clone, Default)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) segments: Vec<ast::Segment>,
    pub(super) trailing_slash: bool,
    pub(super) public: bool,
    /// The innermost `accept`.
    pub(super) accept: Vec<String>,
    pub(super) needs: Vec<String>,
    pub(super) allows: Vec<ast::Condition>,
    pub(super) denies: Vec<(ast::Condition, Reason)>,
    pub(super) budgets: Vec<String>,
    pub(super) params: Vec<ast::Field>,
    pub(super) body: Option<Vec<ast::Field>>,
    pub(super) loads: Option<(String, Vec<ast::Path>)>,
    pub(super) lists: Option<(String, i64)>,
    pub(super) returns: Vec<(ast::ViewRef, Option<ast::Condition>)>,
}

impl Policy {
    pub(super) fn new(files: Vec<ast::File>, profile: &str, keys: Vec<NaiveKey>) -> Policy {
        let mut policy = Policy {
            profile: profile.to_owned(),
            keys,
            transport: Vec::new(),
            credentials: Vec::new(),
            roles: Vec::new(),
            enumerations: Vec::new(),
            resources: Vec::new(),
            inputs: Vec::new(),
            budgets: Vec::new(),
            routes: Vec::new(),
        };
        let (mut groups, mut routes) = (Vec::new(), Vec::new());
        for item in files.into_iter().flat_map(|file| file.items) {
            match item {
                Item::Transport(transport) => policy.transport.extend(transport.clauses),
                Item::Credential(credential) => policy.credentials.push(credential),
                Item::Role(role) => policy.roles.push(role),
                Item::Enumeration(enumeration) => policy.enumerations.push(enumeration),
                Item::Resource(resource) => policy.resources.push(resource),
                Item::Input(input) => policy.inputs.push(input),
                Item::Budget(budget) => policy.budgets.push(budget),
                Item::Group(group) => groups.push(group),
                Item::Route(route) => routes.push(route),
                Item::Test(_) => {}
                Item::Unsupported(what) => panic!("`{}` is not supported yet", what.what),
            }
        }
        let outermost = Route::default();
        for route in &routes {
            policy.add_route(&outermost, route);
        }
        for group in &groups {
            policy.add_group(&outermost, group);
        }
        policy
    }

    pub(super) fn enumeration(&self, name: &str) -> Option<&ast::Enumeration> {
        self.enumerations
            .iter()
            .find(|enumeration| enumeration.name.node == name)
    }

    pub(super) fn resource(&self, name: &str) -> &ast::Resource {
        self.resources
            .iter()
            .find(|resource| resource.name.node == name)
            .expect("compiled")
    }

    pub(super) fn credential(&self, name: &str) -> &ast::Credential {
        self.credentials
            .iter()
            .find(|credential| credential.name.node == name)
            .expect("compiled")
    }

    pub(super) fn budget(&self, name: &str) -> &ast::Budget {
        self.budgets
            .iter()
            .find(|budget| budget.name.node == name)
            .expect("compiled")
    }

    /// The caller's attribute of a name, of whichever credential declares it.
    pub(super) fn claim(&self, name: &str) -> Option<&ast::Claim> {
        let mut clauses = self
            .credentials
            .iter()
            .flat_map(|credential| &credential.clauses);
        clauses.find_map(|clause| match clause {
            ast::CredentialClause::Caller(claims, _) => {
                claims.iter().find(|claim| claim.name.node == name)
            }
            _ => None,
        })
    }

    /// Of the clauses of `transport` that `read` reads: the one `in` this profile, else the one
    /// that holds in all.
    pub(super) fn transport<'a, T>(
        &'a self,
        read: impl Fn(&'a TransportClause) -> Option<(T, &'a Vec<ast::Name>)>,
    ) -> Option<T> {
        let mut everywhere = None;
        for (value, profiles) in self.transport.iter().filter_map(read) {
            if profiles.iter().any(|profile| profile.node == self.profile) {
                return Some(value);
            }
            if profiles.is_empty() {
                everywhere = Some(value);
            }
        }
        everywhere
    }

    fn fields(&self, name: &str) -> Vec<ast::Field> {
        let input = self
            .inputs
            .iter()
            .find(|input| input.name.node == name)
            .expect("compiled");
        input.fields.clone()
    }

    fn params(&self, params: &ast::Params) -> Vec<ast::Field> {
        match params {
            ast::Params::Named(name, _) => self.fields(&name.node),
            ast::Params::Fields(fields, _) => fields.clone(),
        }
    }

    fn add_group(&mut self, around: &Route, group: &ast::Group) {
        let mut inner = around.clone();
        inner.segments.extend(group.pattern.segments.clone());
        for clause in &group.clauses {
            match clause {
                GroupClause::Accept(names, _) => inner.accept = texts(names),
                GroupClause::Needs(needs) => inner.needs.extend(texts(&needs.permissions)),
                GroupClause::Deny {
                    condition, reason, ..
                } => {
                    inner
                        .denies
                        .push((condition.clone(), reason_of(reason.as_ref())));
                }
                GroupClause::Budget(budgets, _) => inner.budgets.extend(names_of(budgets)),
                GroupClause::Params(params) => inner.params.extend(self.params(params)),
                GroupClause::Route(_) | GroupClause::Group(_) | GroupClause::Waive(_) => {}
                GroupClause::Unsupported(what) => panic!("`{}` is not supported yet", what.what),
            }
        }
        // Only now, since the order of clauses means nothing.
        for clause in &group.clauses {
            match clause {
                GroupClause::Route(route) => self.add_route(&inner, route),
                GroupClause::Group(group) => self.add_group(&inner, group),
                _ => {}
            }
        }
    }

    fn add_route(&mut self, around: &Route, route: &ast::Route) {
        let mut whole = around.clone();
        whole.method.clone_from(&route.method.node);
        whole.segments.extend(route.pattern.segments.clone());
        whole.trailing_slash = route.pattern.trailing_slash;
        for clause in &route.clauses {
            match clause {
                RouteClause::Public(_) => whole.public = true,
                RouteClause::Accept(names, _) => whole.accept = texts(names),
                RouteClause::Needs(needs) => whole.needs.extend(texts(&needs.permissions)),
                RouteClause::Allow { condition, .. } => whole.allows.push(condition.clone()),
                RouteClause::Deny {
                    condition, reason, ..
                } => {
                    whole
                        .denies
                        .push((condition.clone(), reason_of(reason.as_ref())));
                }
                RouteClause::Budget(budgets, _) => whole.budgets.extend(names_of(budgets)),
                RouteClause::Params(params) => whole.params.extend(self.params(params)),
                RouteClause::Body(ast::Body::Named(name, _)) => {
                    whole.body = Some(self.fields(&name.node));
                }
                RouteClause::Body(ast::Body::Fields(fields, _)) => {
                    whole.body = Some(fields.clone());
                }
                RouteClause::Loads { resource, by, .. } => {
                    whole.loads = Some((resource.node.clone(), by.clone()));
                }
                RouteClause::Lists { resource, max, .. } => {
                    whole.lists = Some((resource.node.clone(), max.node));
                }
                RouteClause::Returns {
                    returned,
                    condition,
                    ..
                } => {
                    let (ast::Returned::View(view) | ast::Returned::List(view)) = returned;
                    whole.returns.push((view.clone(), condition.clone()));
                }
                RouteClause::Waive(_) => {}
                RouteClause::Unsupported(what) => panic!("`{}` is not supported yet", what.what),
            }
        }
        self.routes.push(whole);
    }
}

impl Route {
    /// The resource that the route loads or lists.
    pub(super) fn resource(&self) -> Option<&str> {
        let loaded = self.loads.as_ref().map(|(resource, _)| resource);
        loaded
            .or(self.lists.as_ref().map(|(resource, _)| resource))
            .map(String::as_str)
    }
}

/// What the outside calls something.
pub(super) fn wire_name<'a>(
    name: &'a ast::Name,
    wire: Option<&'a portcullis_syntax::Spanned<String>>,
) -> &'a str {
    wire.map_or(&name.node, |wire| &wire.node)
}

fn texts(names: &[ast::Name]) -> Vec<String> {
    names.iter().map(|name| name.node.clone()).collect()
}

fn names_of(budgets: &[ast::Charged]) -> Vec<String> {
    budgets
        .iter()
        .map(|charged| charged.budget.node.clone())
        .collect()
}

fn reason_of(name: Option<&ast::Name>) -> Reason {
    match name.map(|name| name.node.as_str()) {
        None => Reason::Forbidden,
        Some("conflict") => Reason::Conflict,
        Some(other) => panic!("`as {other}` is not supported yet"),
    }
}
