//! What is known of a request so far, and what a path of two names reads of it.

use std::net::IpAddr;

use portcullis::Reason;
use portcullis_syntax::ast::{
    Enumeration, Expression, ExpressionKind, Path, ResourceClause, TypeKind,
};
use portcullis_test::{Exchange, Fact, Facts};

use super::policy::Policy;
use super::transport::Arrival;
use super::value::{Value, fact, typed};

/// A value is missing or of another type than was promised. The compiler rules out all but what the
/// service itself hands over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault;

impl From<Fault> for Reason {
    fn from(Fault: Fault) -> Reason {
        Reason::ServiceFault
    }
}

/// What is known of a request so far.
pub(super) struct Scope<'a> {
    pub(super) policy: &'a Policy,
    pub(super) caller: Option<Facts>,
    method: String,
    path: String,
    host: String,
    pub(super) ip: IpAddr,
    pub(super) params: Vec<(String, Value)>,
    pub(super) body: Vec<(String, Value)>,
    /// The resource that the route loads or lists.
    pub(super) resource: Option<&'a str>,
    /// The object of it that is looked at.
    pub(super) object: Facts,
    pub(super) now: i128,
}

impl<'a> Scope<'a> {
    pub(super) fn new(policy: &'a Policy, arrival: &Arrival<'a>, exchange: &Exchange) -> Scope<'a> {
        Scope {
            policy,
            caller: None,
            method: arrival.method.clone(),
            path: arrival.path.clone(),
            host: arrival.host.clone(),
            ip: exchange.peer.to_canonical(),
            params: Vec::new(),
            body: Vec::new(),
            resource: arrival.route.resource(),
            object: Facts::new(),
            now: i128::from(exchange.now),
        }
    }

    /// What is read at `caller.x`, `request.x`, `params.x`, `body.x` or `order.x`.
    pub(super) fn read(&self, path: &Path) -> Result<Value, Fault> {
        let [from, name] = &path.segments[..] else {
            panic!("a path of two names")
        };
        let name = name.node.as_str();
        let field = |fields: &[(String, Value)]| {
            let found = fields.iter().find(|(given, _)| given == name);
            found.map(|(_, value)| value.clone()).ok_or(Fault)
        };
        match from.node.as_str() {
            "caller" => match self.caller.as_ref().map(|facts| fact(facts, name)) {
                None | Some(Fact::Absent) => Ok(Value::Absent),
                Some(fact) => typed(self.policy, fact, self.kind(path).ok_or(Fault)?),
            },
            "request" => match name {
                "method" => Ok(Value::Text(self.method.clone())),
                "path" => Ok(Value::Text(self.path.clone())),
                "host" => Ok(Value::Text(self.host.clone())),
                "ip" => Ok(Value::Ip(self.ip)),
                _ => panic!("`request.{name}` is not supported yet"),
            },
            "params" => field(&self.params),
            "body" => field(&self.body),
            _ => typed(
                self.policy,
                fact(&self.object, name),
                self.kind(path).ok_or(Fault)?,
            ),
        }
    }

    /// The declared type of an attribute of the caller or of the object.
    fn kind(&self, path: &Path) -> Option<&'a TypeKind> {
        let [from, name] = &path.segments[..] else {
            return None;
        };
        if from.node == "caller" {
            return self.policy.claim(&name.node).map(|claim| &claim.kind.node);
        }
        let resource = self.resource.filter(|resource| *resource == from.node)?;
        self.policy
            .resource(resource)
            .clauses
            .iter()
            .find_map(|clause| match clause {
                ResourceClause::Attribute(a) if a.name.node == name.node => Some(&a.kind.node),
                _ => None,
            })
    }

    /// The enum whose values an expression has, if they are those of an enum.
    pub(super) fn enumeration(&self, of: &Expression) -> Option<&'a Enumeration> {
        match &of.node {
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
}
