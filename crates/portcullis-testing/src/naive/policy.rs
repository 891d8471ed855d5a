//! The declarations of all files together, and every route with what its groups and actions ask of it.

use portcullis::Reason;
use portcullis_syntax::ast::{
    self, ActionClause, Demand, GroupClause, Item, RouteClause, TransportClause, ValueKind,
};

use super::NaiveKey;
use super::input::{Body, Declared};
use super::setting::dummy;
use super::value::Value;

/// A policy under one profile.
pub(super) struct Policy {
    pub(super) profile: String,
    pub(super) keys: Vec<NaiveKey>,
    settings: Vec<ast::Setting>,
    pub(super) transport: Vec<TransportClause>,
    pub(super) cors: Option<ast::Cors>,
    headers: Option<ast::Headers>,
    errors: Option<ast::Errors>,
    /// Whether anything asks for `request.origin`.
    pub(super) reads_origin: bool,
    pub(super) credentials: Vec<ast::Credential>,
    pub(super) session: Option<ast::Session>,
    pub(super) roles: Vec<ast::Role>,
    pub(super) scopes: Vec<ast::Scope>,
    pub(super) enumerations: Vec<ast::Enumeration>,
    pub(super) resources: Vec<ast::Resource>,
    pub(super) inputs: Vec<ast::Input>,
    pub(super) budgets: Vec<ast::Budget>,
    pub(super) outbounds: Vec<ast::Outbound>,
    pub(super) routes: Vec<Route>,
    pub(super) actions: Vec<ast::Action>,
}

/// Who may come to a route.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Access {
    #[default]
    Credential,
    Optional,
    Public,
}

/// `require` or `deny`.
#[derive(Clone)]
pub(super) struct Guard {
    /// Whether it is a `require`.
    pub(super) must_hold: bool,
    pub(super) condition: ast::Condition,
    pub(super) reason: Reason,
}

/// What is asked: of a route with the groups around it and the actions that it does, or of an action.
/// What stands in a group comes first.
#[derive(Clone, Default)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) segments: Vec<ast::Segment>,
    pub(super) trailing_slash: bool,
    pub(super) retired: bool,
    pub(super) access: Access,
    pub(super) signed_in: bool,
    /// The innermost `accept`.
    pub(super) accept: Vec<String>,
    /// Of each, one permission is needed.
    pub(super) needs: Vec<Vec<String>>,
    /// Of each group, one must hold: the route's own, and those of each action.
    pub(super) allows: Vec<Vec<ast::Condition>>,
    pub(super) guards: Vec<Guard>,
    /// Budgets and what they cost.
    pub(super) budgets: Vec<(String, i128)>,
    pub(super) params: Vec<Declared>,
    pub(super) query: Vec<Declared>,
    pub(super) header: Vec<Declared>,
    pub(super) body: Option<Body>,
    pub(super) loads: Vec<(String, Vec<ast::Path>)>,
    pub(super) lists: Option<(String, i64)>,
    pub(super) creates: Option<String>,
    pub(super) returns: Vec<(ast::Returned, Option<ast::Condition>)>,
    /// `issues`, `renews` or `ends`.
    pub(super) session: Option<String>,
}

impl Policy {
    pub(super) fn new(files: Vec<ast::File>, profile: &str, keys: Vec<NaiveKey>) -> Policy {
        let mut policy = Policy {
            profile: profile.to_owned(),
            keys,
            settings: Vec::new(),
            transport: Vec::new(),
            cors: None,
            headers: None,
            errors: None,
            reads_origin: reads_origin(&files),
            credentials: Vec::new(),
            session: None,
            roles: Vec::new(),
            scopes: Vec::new(),
            enumerations: Vec::new(),
            resources: Vec::new(),
            inputs: Vec::new(),
            budgets: Vec::new(),
            outbounds: Vec::new(),
            routes: Vec::new(),
            actions: Vec::new(),
        };
        let (mut groups, mut routes) = (Vec::new(), Vec::new());
        for item in files.into_iter().flat_map(|file| file.items) {
            match item {
                Item::Setting(setting) => policy.settings.push(setting),
                Item::Transport(transport) => policy.transport.extend(transport.clauses),
                Item::Credential(credential) => policy.credentials.push(credential),
                Item::Role(role) => policy.roles.push(role),
                Item::Scope(scope) => policy.scopes.push(scope),
                Item::Enumeration(enumeration) => policy.enumerations.push(enumeration),
                Item::Resource(resource) => policy.resources.push(resource),
                Item::Input(input) => policy.inputs.push(input),
                Item::Budget(budget) => policy.budgets.push(budget),
                Item::Outbound(outbound) => policy.outbounds.push(outbound),
                Item::Group(group) => groups.push(group),
                Item::Route(route) => routes.push(route),
                Item::Action(action) => policy.actions.push(action),
                Item::Test(_) => {}
                // An invariant asks nothing of a request.
                Item::Invariant(_) => {}
                Item::Cors(cors) => policy.cors = Some(cors),
                Item::Headers(headers) => policy.headers = Some(headers),
                Item::Errors(errors) => policy.errors = Some(errors),
                Item::Session(session) => policy.session = Some(session),
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
        self.enumerations.iter().find(|enumeration| enumeration.name.node == name)
    }

    pub(super) fn resource(&self, name: &str) -> &ast::Resource {
        self.resources.iter().find(|resource| resource.name.node == name).expect("compiled")
    }

    pub(super) fn credential(&self, name: &str) -> &ast::Credential {
        self.credentials.iter().find(|credential| credential.name.node == name).expect("compiled")
    }

    pub(super) fn budget(&self, name: &str) -> &ast::Budget {
        self.budgets.iter().find(|budget| budget.name.node == name).expect("compiled")
    }

    /// What the tokens of an opaque credential begin with.
    pub(super) fn prefix(&self, credential: &str) -> Option<&str> {
        self.credential(credential).clauses.iter().find_map(|clause| match clause {
            ast::CredentialClause::Prefix(prefix, _) => Some(prefix.node.as_str()),
            _ => None,
        })
    }

    /// The name of the cookie that holds refresh tokens, where one does.
    pub(super) fn session_cookie(&self) -> Option<&str> {
        let clauses = &self.session.as_ref()?.clauses;
        clauses.iter().find_map(|clause| match clause {
            ast::SessionClause::Cookie { name, .. } => Some(name.node.as_str()),
            _ => None,
        })
    }

    /// What a credential says of the caller.
    pub(super) fn claims(&self, credential: &str) -> &[ast::Claim] {
        let mut clauses = self.credential(credential).clauses.iter();
        let found = clauses.find_map(|clause| match clause {
            ast::CredentialClause::Caller(claims, _) => Some(claims.as_slice()),
            _ => None,
        });
        found.expect("compiled")
    }

    /// The value of a setting in this profile; a dummy where the host gives it.
    pub(super) fn setting(&self, name: &str) -> Option<Value> {
        let setting = self.settings.iter().find(|setting| setting.name.node == name)?;
        if setting.from_host.is_some() {
            return Some(dummy(self, name, &setting.kind.node));
        }
        let of = |profile: &str| {
            setting.values.iter().find(|(given, _)| given.node == profile).map(|(_, value)| value)
        };
        Some(self.value(of(&self.profile).or(of("always")).expect("compiled")))
    }

    /// What a clause was given. A name that is no setting's is a value of an enum.
    pub(super) fn value(&self, value: &ast::Value) -> Value {
        match &value.node {
            ValueKind::Literal(literal) => literal.into(),
            ValueKind::Name(name) => {
                self.setting(name).unwrap_or_else(|| Value::Text(name.clone()))
            }
            ValueKind::Permission(name) => Value::Text(name.clone()),
            ValueKind::List(values) => {
                Value::List(values.iter().map(|value| self.value(value)).collect())
            }
        }
    }

    pub(super) fn text(&self, value: &ast::Value) -> String {
        match self.value(value) {
            Value::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    pub(super) fn int(&self, value: &ast::Value) -> i128 {
        match self.value(value) {
            Value::Int(int) => i128::from(int),
            other => panic!("{other:?} is no int"),
        }
    }

    /// Nanoseconds.
    pub(super) fn duration(&self, value: &ast::Value) -> i128 {
        match self.value(value) {
            Value::Duration(nanos) => nanos,
            other => panic!("{other:?} is no duration"),
        }
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

    /// Of the clauses of `cors` that `read` reads: the one `in` this profile, else the one that holds
    /// in all.
    pub(super) fn cors<'a, T>(
        &'a self,
        read: impl Fn(&'a ast::CorsClause) -> Option<T>,
    ) -> Option<T> {
        self.pick(self.cors.iter().flat_map(|cors| &cors.clauses), read)
    }

    /// The same of `headers`.
    pub(super) fn headers<'a, T>(
        &'a self,
        read: impl Fn(&'a ast::HeadersClause) -> Option<T>,
    ) -> Option<T> {
        self.pick(self.headers.iter().flat_map(|headers| &headers.clauses), read)
    }

    /// The same of `errors`.
    pub(super) fn errors<'a, T>(
        &'a self,
        read: impl Fn(&'a ast::ErrorsClause) -> Option<T>,
    ) -> Option<T> {
        self.pick(self.errors.iter().flat_map(|errors| &errors.clauses), read)
    }

    fn pick<'a, C: 'a, T>(
        &self,
        clauses: impl Iterator<Item = &'a ast::InProfiles<C>>,
        read: impl Fn(&'a C) -> Option<T>,
    ) -> Option<T> {
        let mut everywhere = None;
        for limited in clauses {
            let Some(value) = read(&limited.clause) else { continue };
            if limited.profiles.iter().any(|profile| profile.node == self.profile) {
                return Some(value);
            }
            if limited.profiles.is_empty() {
                everywhere = Some(value);
            }
        }
        everywhere
    }

    pub(super) fn is_setting(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| setting.name.node == name)
    }

    fn add_group(&mut self, around: &Route, group: &ast::Group) {
        let mut inner = around.clone();
        inner.segments.extend(group.pattern.segments.clone());
        for clause in &group.clauses {
            match clause {
                GroupClause::Accept(names, _) => inner.accept = texts(names),
                GroupClause::Demand(demand) => inner.demand(demand),
                GroupClause::Takes(takes) => {
                    inner.takes(takes.source).push(self.declared(&takes.shape));
                }
                GroupClause::Route(_) | GroupClause::Group(_) | GroupClause::Waive(_) => {}
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
        let mut own = Vec::new();
        for clause in &route.clauses {
            match clause {
                RouteClause::Retired(_) => whole.retired = true,
                RouteClause::Public { optional, .. } => {
                    whole.access = if *optional { Access::Optional } else { Access::Public };
                }
                RouteClause::SignedIn(_) => whole.signed_in = true,
                RouteClause::Accept(names, _) => whole.accept = texts(names),
                RouteClause::Demand(demand) => whole.demand(demand),
                RouteClause::Allow(allow) => own.push(allow.condition.clone()),
                RouteClause::Takes(takes) => {
                    whole.takes(takes.source).push(self.declared(&takes.shape));
                }
                RouteClause::Body(body) => whole.body = Some(self.declared_body(&body.kind)),
                RouteClause::Loads(loads) => {
                    whole.loads.push((loads.resource.node.clone(), loads.by.clone()));
                }
                RouteClause::Lists { resource, max, .. } => {
                    let max = i64::try_from(self.int(max)).unwrap();
                    whole.lists = Some((resource.node.clone(), max));
                }
                RouteClause::Creates { resource, .. } => {
                    whole.creates = Some(resource.node.clone());
                }
                RouteClause::Does { action, .. } => {
                    let mut actions = self.actions.iter();
                    let action = actions.find(|known| known.name.node == action.node);
                    let asked = Route::of_action(action.expect("compiled"));
                    whole.needs.extend(asked.needs);
                    whole.guards.extend(asked.guards);
                    whole.budgets.extend(asked.budgets);
                    whole.allows.extend(asked.allows);
                }
                RouteClause::Session { verb, .. } => whole.session = Some(verb.node.clone()),
                RouteClause::Returns { returned, condition, .. } => {
                    whole.returns.push((returned.clone(), condition.clone()));
                }
                RouteClause::Waive(_) => {}
            }
        }
        if !own.is_empty() {
            whole.allows.push(own);
        }
        self.routes.push(whole);
    }
}

impl Route {
    /// What an action asks, as if it were a route.
    pub(super) fn of_action(action: &ast::Action) -> Route {
        let mut asked = Route::default();
        let mut allows = Vec::new();
        for clause in &action.clauses {
            match clause {
                ActionClause::Demand(demand) => asked.demand(demand),
                ActionClause::Allow(allow) => allows.push(allow.condition.clone()),
                ActionClause::Loads(loads) => {
                    asked.loads.push((loads.resource.node.clone(), Vec::new()));
                }
                ActionClause::Waive(_) => {}
            }
        }
        if !allows.is_empty() {
            asked.allows.push(allows);
        }
        asked
    }

    fn demand(&mut self, demand: &Demand) {
        match demand {
            Demand::Needs(needs) if needs.any => self.needs.push(texts(&needs.permissions)),
            Demand::Needs(needs) => {
                self.needs.extend(texts(&needs.permissions).into_iter().map(|name| vec![name]));
            }
            Demand::Require(guard) => self.guards.push(Guard::of(guard, true)),
            Demand::Deny(guard) => self.guards.push(Guard::of(guard, false)),
            Demand::Budget(budgets, _) => {
                let charged = budgets.iter().map(|charged| {
                    let cost = charged.cost.as_ref().map_or(1, |cost| i128::from(cost.node));
                    (charged.budget.node.clone(), cost)
                });
                self.budgets.extend(charged);
            }
        }
    }

    /// Whether a caller with scopes may come.
    pub(super) fn takes_scopes(&self) -> bool {
        !self.needs.is_empty() || self.signed_in || self.access != Access::Credential
    }

    /// The resources that the route speaks of.
    pub(super) fn resources(&self) -> Vec<&str> {
        let loaded = self.loads.iter().map(|(resource, _)| resource.as_str());
        loaded.chain(self.subject()).collect()
    }

    /// The resource that the route lists or creates.
    pub(super) fn subject(&self) -> Option<&str> {
        let listed = self.lists.as_ref().map(|(resource, _)| resource);
        listed.or(self.creates.as_ref()).map(String::as_str)
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
        Guard { must_hold, condition: guard.condition.clone(), reason }
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

/// Whether `request.origin` stands anywhere: the two names, one behind the other, in all that the trees
/// hold.
fn reads_origin(files: &[ast::File]) -> bool {
    let items = files.iter().flat_map(|file| &file.items);
    let asking = items.filter(|item| !matches!(item, Item::Test(_)));
    asking.into_iter().any(|item| {
        let written = format!("{item:?}");
        let names: Vec<&str> = written.split('"').skip(1).step_by(2).collect();
        names.windows(2).any(|pair| pair == ["request", "origin"])
    })
}
