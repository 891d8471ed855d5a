//! The declarations of all files together, and every route with what its groups and actions ask of it.

use portcullis_syntax::ast::{self, GroupClause, Item, RouteClause, TransportClause, ValueKind};

use crate::Key;
use crate::recorder::Recorder;
use crate::route::{Access, Returns, Route};
use crate::setting::dummy;
use crate::value::Value;

/// A policy under one profile.
pub(crate) struct Policy {
    pub(crate) profile: String,
    pub(crate) keys: Vec<Key>,
    /// What is decided of the exchange that is before us.
    pub(crate) recorder: Recorder,
    settings: Vec<ast::Setting>,
    pub(crate) transport: Vec<TransportClause>,
    pub(crate) cors: Option<ast::Cors>,
    headers: Option<ast::Headers>,
    errors: Option<ast::Errors>,
    /// Whether anything asks for `request.origin`.
    pub(crate) reads_origin: bool,
    pub(crate) credentials: Vec<ast::Credential>,
    pub(crate) session: Option<ast::Session>,
    pub(crate) roles: Vec<ast::Role>,
    pub(crate) scopes: Vec<ast::Scope>,
    pub(crate) enumerations: Vec<ast::Enumeration>,
    pub(crate) resources: Vec<ast::Resource>,
    pub(crate) inputs: Vec<ast::Input>,
    pub(crate) budgets: Vec<ast::Budget>,
    pub(crate) outbounds: Vec<ast::Outbound>,
    pub(crate) routes: Vec<Route>,
    pub(crate) actions: Vec<ast::Action>,
}

impl Policy {
    pub(crate) fn new(files: Vec<ast::File>, profile: &str, keys: Vec<Key>) -> Policy {
        let mut policy = Policy {
            profile: profile.to_owned(),
            keys,
            recorder: Recorder::default(),
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

    pub(crate) fn enumeration(&self, name: &str) -> Option<&ast::Enumeration> {
        self.enumerations.iter().find(|enumeration| enumeration.name.node == name)
    }

    pub(crate) fn resource(&self, name: &str) -> &ast::Resource {
        self.resources.iter().find(|resource| resource.name.node == name).expect("compiled")
    }

    pub(crate) fn credential(&self, name: &str) -> &ast::Credential {
        self.credentials.iter().find(|credential| credential.name.node == name).expect("compiled")
    }

    pub(crate) fn budget(&self, name: &str) -> &ast::Budget {
        self.budgets.iter().find(|budget| budget.name.node == name).expect("compiled")
    }

    /// What the tokens of an opaque credential begin with.
    pub(crate) fn prefix(&self, credential: &str) -> Option<&str> {
        self.credential(credential).clauses.iter().find_map(|clause| match clause {
            ast::CredentialClause::Prefix(prefix, _) => Some(prefix.node.as_str()),
            _ => None,
        })
    }

    /// The name of the cookie that holds refresh tokens, where one does.
    pub(crate) fn session_cookie(&self) -> Option<&str> {
        let clauses = &self.session.as_ref()?.clauses;
        clauses.iter().find_map(|clause| match clause {
            ast::SessionClause::Cookie { name, .. } => Some(name.node.as_str()),
            _ => None,
        })
    }

    /// What a credential says of the caller.
    pub(crate) fn claims(&self, credential: &str) -> &[ast::Claim] {
        let mut clauses = self.credential(credential).clauses.iter();
        let found = clauses.find_map(|clause| match clause {
            ast::CredentialClause::Caller(claims, _) => Some(claims.as_slice()),
            _ => None,
        });
        found.expect("compiled")
    }

    /// The value of a setting in this profile; a dummy where the host gives it.
    pub(crate) fn setting(&self, name: &str) -> Option<Value> {
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
    pub(crate) fn value(&self, value: &ast::Value) -> Value {
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

    pub(crate) fn text(&self, value: &ast::Value) -> String {
        match self.value(value) {
            Value::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    pub(crate) fn int(&self, value: &ast::Value) -> i128 {
        match self.value(value) {
            Value::Int(int) => i128::from(int),
            other => panic!("{other:?} is no int"),
        }
    }

    /// Nanoseconds.
    pub(crate) fn duration(&self, value: &ast::Value) -> i128 {
        match self.value(value) {
            Value::Duration(nanos) => nanos,
            other => panic!("{other:?} is no duration"),
        }
    }

    /// Of the clauses of `transport` that `read` reads: the one `in` this profile, else the one
    /// that holds in all.
    pub(crate) fn transport<'a, T>(
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
    pub(crate) fn cors<'a, T>(
        &'a self,
        read: impl Fn(&'a ast::CorsClause) -> Option<T>,
    ) -> Option<T> {
        self.pick(self.cors.iter().flat_map(|cors| &cors.clauses), read)
    }

    /// The same of `headers`.
    pub(crate) fn headers<'a, T>(
        &'a self,
        read: impl Fn(&'a ast::HeadersClause) -> Option<T>,
    ) -> Option<T> {
        self.pick(self.headers.iter().flat_map(|headers| &headers.clauses), read)
    }

    /// The same of `errors`.
    pub(crate) fn errors<'a, T>(
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

    pub(crate) fn is_setting(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| setting.name.node == name)
    }

    fn add_group(&mut self, around: &Route, group: &ast::Group) {
        let mut inner = around.clone();
        inner.segments.extend(group.pattern.segments.clone());
        for clause in &group.clauses {
            match clause {
                GroupClause::Accept(names, span) => {
                    inner.accept = texts(names);
                    inner.access_span = Some(*span);
                }
                GroupClause::Demand(demand) => inner.demand(demand),
                GroupClause::Takes(takes) => {
                    inner.takes(takes).push(self.declared(&takes.shape));
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
        whole.span = Some(route.method.span.to(route.pattern.span));
        whole.segments.extend(route.pattern.segments.clone());
        whole.trailing_slash = route.pattern.trailing_slash;
        let mut own = Vec::new();
        let mut public = None;
        for clause in &route.clauses {
            match clause {
                RouteClause::Retired(span) => whole.retired = Some(*span),
                RouteClause::Public { optional, span } => {
                    public = Some(*span);
                    whole.access = if *optional { Access::Optional } else { Access::Public };
                }
                RouteClause::SignedIn(_) => whole.signed_in = true,
                RouteClause::Accept(names, span) => {
                    whole.accept = texts(names);
                    whole.access_span = Some(*span);
                }
                RouteClause::Demand(demand) => whole.demand(demand),
                RouteClause::Allow(allow) => own.push(allow.clone()),
                RouteClause::Takes(takes) => {
                    whole.takes(takes).push(self.declared(&takes.shape));
                }
                RouteClause::Body(body) => {
                    whole.body = Some((self.declared_body(&body.kind), body.span));
                }
                RouteClause::Loads(loads) => whole.loads.push(loads.clone()),
                RouteClause::Lists { resource, max, span } => {
                    let max = i64::try_from(self.int(max)).unwrap();
                    whole.lists = Some((resource.node.clone(), max, *span));
                }
                RouteClause::Creates { resource, span } => {
                    whole.creates = Some((resource.node.clone(), *span));
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
                RouteClause::Session { verb, span } => {
                    whole.session = Some(verb.node.clone());
                    whole.session_span = Some(*span);
                }
                RouteClause::Returns { returned, condition, span } => {
                    let (returned, condition) = (returned.clone(), condition.clone());
                    whole.returns.push(Returns { returned, condition, span: *span });
                }
                RouteClause::Waive(_) => {}
            }
        }
        if !own.is_empty() {
            whole.allows.push(own);
        }
        whole.access_span = public.or(whole.access_span);
        self.routes.push(whole);
    }
}

/// What the outside calls something.
pub(crate) fn wire_name<'a>(
    name: &'a ast::Name,
    wire: Option<&'a portcullis_syntax::Spanned<String>>,
) -> &'a str {
    wire.map_or(&name.node, |wire| &wire.node)
}

pub(crate) fn texts(names: &[ast::Name]) -> Vec<String> {
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
