//! What is known of a request so far, and what a path of two names reads of it.

use std::net::{IpAddr, Ipv4Addr};

use portcullis::Reason;
use portcullis_syntax::ast::{
    Enumeration, Expression, ExpressionKind, InputType, InputTypeKind, Path, ResourceClause,
    TypeKind,
};
use portcullis_test::{Exchange, Fact, Facts, Given};

use crate::caller::special;
use crate::cors;
use crate::input::{Fields, SOURCES};
use crate::policy::Policy;
use crate::route::Route;
use crate::transport::Arrival;
use crate::value::{Value, fact, typed};

/// A value is missing or of another type than was promised. The compiler rules out all but what the
/// service itself hands over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault;

impl From<Fault> for Reason {
    fn from(Fault: Fault) -> Reason {
        Reason::ServiceFault
    }
}

/// An object under the name of its resource.
#[derive(Clone)]
pub(crate) struct Object<'a> {
    pub(crate) resource: &'a str,
    pub(crate) facts: Facts,
}

/// What is known of a request so far.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) caller: Option<Given>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) ip: IpAddr,
    pub(crate) origin: Option<String>,
    pub(crate) params: Fields,
    pub(crate) query: Fields,
    pub(crate) header: Fields,
    pub(crate) body: Fields,
    /// The route that says of which types these are.
    pub(crate) route: Option<&'a Route>,
    /// The objects that are known, under the names of their resources.
    pub(crate) objects: Vec<Object<'a>>,
    /// The resources whose objects are spoken of, known yet or not.
    pub(crate) about: Vec<&'a str>,
    /// Whether it is a predicate that is asked.
    pub(crate) in_predicate: bool,
    pub(crate) now: i128,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(policy: &'a Policy, arrival: &Arrival<'a>, exchange: &Exchange) -> Scope<'a> {
        Scope {
            method: arrival.method.clone(),
            path: arrival.path.clone(),
            host: arrival.host.clone(),
            ip: arrival.ip,
            route: Some(arrival.route),
            origin: cors::origin(exchange),
            about: arrival.route.resources(),
            ..Scope::nowhere(policy, exchange)
        }
    }

    /// Where there is no request.
    pub(crate) fn nowhere(policy: &'a Policy, exchange: &Exchange) -> Scope<'a> {
        Scope {
            policy,
            caller: None,
            method: String::new(),
            path: String::new(),
            host: String::new(),
            ip: Ipv4Addr::UNSPECIFIED.into(),
            origin: None,
            params: Fields::new(),
            query: Fields::new(),
            header: Fields::new(),
            body: Fields::new(),
            route: None,
            objects: Vec::new(),
            about: Vec::new(),
            in_predicate: false,
            now: i128::from(exchange.now),
        }
    }

    /// What is read at `caller.x`, `request.x`, `params.x`, `query.x`, `header.x`, `body.x`, `order.x` or
    /// `order.customer.x`.
    pub(crate) fn read(&self, path: &Path) -> Result<Value, Fault> {
        let value = self.look_up(path)?;
        self.policy.recorder.read(path.span, &value);
        Ok(value)
    }

    fn look_up(&self, path: &Path) -> Result<Value, Fault> {
        let [from, name, ..] = &path.segments[..] else { panic!("a path of two names") };
        let name = name.node.as_str();
        let field = |fields: &[(String, Value)]| {
            let found = fields.iter().find(|(given, _)| given == name);
            found.map(|(_, value)| value.clone()).ok_or(Fault)
        };
        match from.node.as_str() {
            "caller" => {
                let Some(caller) = &self.caller else {
                    return Ok(Value::Absent);
                };
                match caller.attributes.fact(name) {
                    None | Some(Fact::Absent) => Ok(Value::Absent),
                    // What the caller is or may do: all that is asked is whether it is there.
                    Some(_) if self.claim(name).is_some_and(|kind| special(kind).is_some()) => {
                        Ok(Value::Bool(true))
                    }
                    Some(fact) => typed(self.policy, fact, self.claim(name).ok_or(Fault)?),
                }
            }
            "request" => match name {
                "method" => Ok(Value::Text(self.method.clone())),
                "path" => Ok(Value::Text(self.path.clone())),
                "host" => Ok(Value::Text(self.host.clone())),
                "ip" => Ok(Value::Ip(self.ip)),
                "origin" => Ok(self.origin.clone().map_or(Value::Absent, Value::Text)),
                _ => panic!("`request.{name}` is not supported yet"),
            },
            "params" => field(&self.params),
            "query" => field(&self.query),
            "header" => field(&self.header),
            "body" => field(&self.body),
            _ => {
                let (resource, facts) = match self.descend(path)? {
                    Some(found) => found,
                    None => return Ok(Value::Absent),
                };
                let last = &path.segments.last().expect("two names").node;
                let kind = attribute(self.policy, resource, last).ok_or(Fault)?;
                typed(self.policy, fact(&facts, last), kind)
            }
        }
    }

    /// The object that the last name of a path is an attribute or a predicate of; nothing where it is
    /// absent.
    pub(crate) fn descend(&self, path: &Path) -> Result<Option<(&'a str, Facts)>, Fault> {
        let (first, rest) = path.segments.split_first().ok_or(Fault)?;
        let object =
            self.objects.iter().find(|object| object.resource == first.node).ok_or(Fault)?;
        let (mut resource, mut facts) = (object.resource, object.facts.clone());
        for name in &rest[..rest.len() - 1] {
            let kind = attribute(self.policy, resource, &name.node).ok_or(Fault)?;
            let inner = match fact(&facts, &name.node) {
                Fact::Object(inner) => inner.clone(),
                Fact::Absent if matches!(kind, TypeKind::Optional(_)) => return Ok(None),
                _ => return Err(Fault),
            };
            resource = nested(self.policy, kind).ok_or(Fault)?;
            facts = inner;
        }
        Ok(Some((resource, facts)))
    }

    /// The declared type of an attribute of the caller; of an absent one, as any credential has it.
    fn claim(&self, name: &str) -> Option<&'a TypeKind> {
        let of = |credential: &str| {
            let mut claims = self.policy.claims(credential).iter();
            claims.find(|claim| claim.name.node == name).map(|claim| &claim.kind.node)
        };
        match &self.caller {
            Some(caller) => of(&caller.credential),
            None => {
                let mut credentials = self.policy.credentials.iter();
                credentials.find_map(|credential| of(&credential.name.node))
            }
        }
    }

    /// The enum whose values an expression has, if they are those of an enum.
    pub(crate) fn enumeration(&self, of: &Expression) -> Option<&'a Enumeration> {
        match &of.node {
            ExpressionKind::Path(path) if is_input(path) => {
                let [source, name] = &path.segments[..] else { return None };
                let field = self.route?.field(&source.node, &name.node)?;
                self.policy.enumeration(element(&field.kind))
            }
            ExpressionKind::Path(path) => {
                let mut kind = self.kind(path)?;
                while let TypeKind::Optional(inner) | TypeKind::List(inner) = kind {
                    kind = &inner.node;
                }
                let TypeKind::Named(name) = kind else {
                    return None;
                };
                self.policy.enumeration(name)
            }
            ExpressionKind::Else(first, second) => {
                self.enumeration(first).or_else(|| self.enumeration(second))
            }
            ExpressionKind::List(items) => items.iter().find_map(|item| self.enumeration(item)),
            _ => None,
        }
    }

    /// The declared type of what a path reads.
    fn kind(&self, path: &Path) -> Option<&'a TypeKind> {
        let (first, rest) = path.segments.split_first()?;
        if let [name] = rest
            && first.node == "caller"
        {
            // A caller of another credential may lack it; its type is the same.
            let mut credentials = self.policy.credentials.iter();
            return self.claim(&name.node).or_else(|| {
                credentials.find_map(|credential| {
                    let mut claims = self.policy.claims(&credential.name.node).iter();
                    claims.find(|claim| claim.name.node == name.node).map(|claim| &claim.kind.node)
                })
            });
        }
        let object = self.objects.iter().find(|object| object.resource == first.node)?;
        let (last, before) = rest.split_last()?;
        let mut resource = object.resource;
        for name in before {
            resource = nested(self.policy, attribute(self.policy, resource, &name.node)?)?;
        }
        attribute(self.policy, resource, &last.node)
    }
}

/// Whether a path reads a field that was sent.
pub(crate) fn is_input(path: &Path) -> bool {
    path.segments.first().is_some_and(|first| SOURCES.contains(&first.node.as_str()))
}

/// The name of a field's type, or of that of its elements.
fn element(kind: &InputType) -> &str {
    match &kind.node {
        InputTypeKind::Named(name) => &name.node,
        InputTypeKind::List(inner, _) => element(inner),
    }
}

/// The declared type of an attribute.
fn attribute<'a>(policy: &'a Policy, resource: &str, name: &str) -> Option<&'a TypeKind> {
    policy.resource(resource).clauses.iter().find_map(|clause| match clause {
        ResourceClause::Attribute(a) if a.name.node == name => Some(&a.kind.node),
        _ => None,
    })
}

/// The resource of a nested object.
pub(crate) fn nested<'a>(policy: &'a Policy, kind: &TypeKind) -> Option<&'a str> {
    match kind {
        TypeKind::Optional(inner) => nested(policy, &inner.node),
        TypeKind::List(_) => None,
        TypeKind::Named(name) => {
            let mut resources = policy.resources.iter();
            resources
                .find(|resource| resource.name.node == *name)
                .map(|found| found.name.node.as_str())
        }
    }
}

/// The resource of the object at the end of names that begin with one of `objects`.
pub(crate) fn resource_at<'a>(
    policy: &'a Policy,
    resource: &'a str,
    names: &[portcullis_syntax::ast::Name],
) -> Option<&'a str> {
    let mut resource = resource;
    for name in names {
        resource = nested(policy, attribute(policy, resource, &name.node)?)?;
    }
    Some(resource)
}
