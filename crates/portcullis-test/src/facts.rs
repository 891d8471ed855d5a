//! Values of a test as facts of a type; and dummies for what a test leaves out.

use std::net::{IpAddr, Ipv6Addr};

use portcullis_compiler::plan::{ClaimType, Plan, Resource, Type};
use portcullis_syntax::ast::{Literal, Name, TestValue};
use portcullis_syntax::{Code, Diagnostic, Span};

use crate::{Fact, Facts};

/// How deep dummies of nested objects go.
const DEEPEST: usize = 8;

/// A type of a fact: an attribute's, or what the caller is or may do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Plain(Type),
    Role,
    Roles,
    /// Permissions, or scopes.
    Permissions,
}

impl From<&ClaimType> for Kind {
    fn from(kind: &ClaimType) -> Kind {
        match kind {
            ClaimType::Plain(kind) => Kind::Plain(kind.clone()),
            ClaimType::Role => Kind::Role,
            ClaimType::Roles => Kind::Roles,
            ClaimType::Permissions | ClaimType::Scopes => Kind::Permissions,
        }
    }
}

/// Where a test's values come from: its clock, and a counter for dummies.
pub(crate) struct Source<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) now: i64,
    pub(crate) fresh: i64,
    /// How deep the dummies of nested objects are.
    pub(crate) depth: usize,
    pub(crate) faults: Vec<Diagnostic>,
}

impl Source<'_> {
    /// A value as written, as a fact of a type.
    pub(crate) fn given(&mut self, value: &TestValue, kind: &Kind, optional: bool) -> Fact {
        let (fact, span) = match value {
            TestValue::None(span) => {
                let absent = (optional || !matches!(kind, Kind::Plain(_))).then_some(Fact::Absent);
                (absent, *span)
            }
            TestValue::Now(span) => {
                ((*kind == Kind::Plain(Type::Time)).then_some(Fact::Time(self.now)), *span)
            }
            TestValue::Name(name) => return self.named(name, kind),
            TestValue::Permission(name) => {
                let fact = Fact::Text(name.node.clone());
                ((*kind == Kind::Permissions).then_some(fact), name.span)
            }
            TestValue::Record(given, span) => {
                let resource = match kind {
                    Kind::Plain(Type::Resource(index)) => self.plan.resources.get(*index),
                    _ => None,
                };
                (resource.map(|resource| Fact::Object(self.object(resource, given))), *span)
            }
            TestValue::List(values, span) => match kind {
                Kind::Plain(Type::List(element)) => {
                    let element = Kind::Plain((**element).clone());
                    let list = values.iter().map(|value| self.given(value, &element, false));
                    (Some(Fact::List(list.collect())), *span)
                }
                Kind::Roles | Kind::Permissions => {
                    let element = if *kind == Kind::Roles { Kind::Role } else { kind.clone() };
                    let list = values.iter().map(|value| self.given(value, &element, false));
                    (Some(Fact::List(list.collect())), *span)
                }
                _ => (None, *span),
            },
            TestValue::Literal(literal) => (of_literal(&literal.node, kind), literal.span),
        };
        fact.unwrap_or_else(|| {
            let expected = self.describe(kind);
            self.faults.push(
                Diagnostic::error(Code::TypeMismatch, span, "this value is of another type")
                    .label(format!("expected {expected}")),
            );
            Fact::Absent
        })
    }

    fn named(&mut self, name: &Name, kind: &Kind) -> Fact {
        let (what, known) = match kind {
            // A scope by its name, where the policy declares one.
            Kind::Permissions => (
                "scope".to_owned(),
                self.plan.scopes.iter().map(|scope| scope.name.as_str()).collect(),
            ),
            Kind::Role => {
                ("role".to_owned(), self.plan.roles.iter().map(|role| role.name.as_str()).collect())
            }
            Kind::Plain(Type::Enumeration(index)) => match self.plan.enumerations.get(*index) {
                Some(found) => (
                    format!("value of `{}`", found.name),
                    found.members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
                ),
                None => (String::new(), Vec::new()),
            },
            Kind::Plain(_) | Kind::Roles => {
                let expected = self.describe(kind);
                self.faults.push(
                    Diagnostic::error(
                        Code::TypeMismatch,
                        name.span,
                        format!("`{}` is a name", name.node),
                    )
                    .label(format!("expected {expected}")),
                );
                return Fact::Absent;
            }
        };
        if !known.contains(&name.node.as_str()) {
            self.faults.push(
                Diagnostic::error(
                    Code::UnknownName,
                    name.span,
                    format!("no {what} is called `{}`", name.node),
                )
                .did_you_mean(&name.node, known),
            );
        }
        Fact::Text(name.node.clone())
    }

    /// What stands for a value that the test leaves out: distinct, so that no two are equal by
    /// chance.
    pub(crate) fn dummy(&mut self, kind: &Kind, optional: bool) -> Fact {
        let Kind::Plain(kind) = kind else {
            return Fact::Absent;
        };
        if optional {
            return Fact::Absent;
        }
        self.fresh += 1;
        match kind {
            Type::String => Fact::Text(format!("dummy-{}", self.fresh)),
            Type::Url => Fact::Text(format!("https://dummy-{}.example/", self.fresh)),
            Type::Int => Fact::Int(1_000_000 + self.fresh),
            Type::Number => Fact::Number(1_000_000.5 + self.fresh as f64),
            Type::Bool => Fact::Bool(false),
            // Near the clock, and never at it.
            Type::Time => Fact::Time(self.now.saturating_sub(self.fresh.saturating_mul(1_000_000))),
            Type::Duration => Fact::Duration(self.fresh),
            Type::Ip => Fact::Ip(documentation(self.fresh)),
            Type::Network => Fact::Network(documentation(self.fresh), 128),
            // Version 4, variant 1, and a number that no author would choose.
            Type::Uuid => Fact::Uuid(
                0xd0d0_0000_0000_4000_8000_0000_0000_0000 | u128::from(self.fresh.unsigned_abs()),
            ),
            Type::Enumeration(index) => {
                let members = self.plan.enumerations.get(*index).map(|found| &found.members);
                let first = members.and_then(|members| members.first());
                first.map_or(Fact::Absent, |(name, _)| Fact::Text(name.clone()))
            }
            Type::List(_) => Fact::List(Vec::new()),
            Type::Resource(index) => match self.plan.resources.get(*index) {
                Some(resource) if self.depth < DEEPEST => {
                    self.depth += 1;
                    let object = self.object(resource, &[]);
                    self.depth -= 1;
                    Fact::Object(object)
                }
                // An object that nests itself without end is none that there is.
                _ => Fact::Absent,
            },
        }
    }

    /// An object as given, with dummies for what is left out.
    pub(crate) fn object(&mut self, resource: &Resource, given: &[(Name, TestValue)]) -> Facts {
        for (name, _) in given {
            if !resource.attributes.iter().any(|attribute| attribute.name == name.node) {
                let known = resource.attributes.iter().map(|attribute| attribute.name.as_str());
                self.unknown(
                    &format!("resource `{}` has no attribute", resource.name),
                    name,
                    known,
                );
            }
        }
        self.distinct(given);
        let mut facts = Facts::new();
        for attribute in &resource.attributes {
            let kind = Kind::Plain(attribute.kind.clone());
            let found = given.iter().find(|(name, _)| name.node == attribute.name);
            let fact = match found {
                Some((_, value)) => self.given(value, &kind, attribute.optional),
                None => self.dummy(&kind, attribute.optional),
            };
            facts.push((attribute.name.clone(), fact));
        }
        facts
    }

    /// An attribute that is given twice has two values, and a test means one of them.
    pub(crate) fn distinct(&mut self, given: &[(Name, TestValue)]) {
        for (index, (name, _)) in given.iter().enumerate() {
            let first = given.iter().take(index).find(|(known, _)| known.node == name.node);
            if let Some((first, _)) = first {
                let message = format!("`{}` is given twice", name.node);
                let fault = Diagnostic::error(Code::Duplicate, name.span, message);
                self.faults.push(fault.and(first.span, "first here").help("keep one of them"));
            }
        }
    }

    pub(crate) fn unknown<'k>(
        &mut self,
        what: &str,
        name: &Name,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let message = format!("{what} `{}`", name.node);
        let fault = Diagnostic::error(Code::UnknownName, name.span, message);
        self.faults.push(fault.did_you_mean(&name.node, known));
    }

    pub(crate) fn fault(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::error(code, span, message));
    }

    fn describe(&self, kind: &Kind) -> String {
        match kind {
            Kind::Role => "a role".to_owned(),
            Kind::Roles => "a list of roles".to_owned(),
            Kind::Permissions => "a list like `[read:orders]`".to_owned(),
            Kind::Plain(Type::Resource(_)) => "an object in braces".to_owned(),
            Kind::Plain(Type::Enumeration(index)) => {
                let found = self.plan.enumerations.get(*index);
                format!("a value of `{}`", found.map_or("", |found| &found.name))
            }
            Kind::Plain(Type::List(_)) => "a list".to_owned(),
            Kind::Plain(kind) => format!("`{}`", format!("{kind:?}").to_lowercase()),
        }
    }
}

/// An address of 2001:db8::/32 (RFC 3849), where no peer of a test is by chance.
fn documentation(number: i64) -> IpAddr {
    let block = 0x2001_0db8_0000_0000_0000_0000_0000_0000_u128;
    Ipv6Addr::from_bits(block | u128::from(number.unsigned_abs())).into()
}

fn of_literal(literal: &Literal, kind: &Kind) -> Option<Fact> {
    let Kind::Plain(kind) = kind else { return None };
    Some(match (literal, kind) {
        (Literal::Text(text), Type::String | Type::Url) => Fact::Text(text.clone()),
        (Literal::Text(text), Type::Uuid) => Fact::Uuid(uuid(text)?),
        (Literal::Int(value), Type::Int) => Fact::Int(*value),
        (Literal::Int(value), Type::Number) => Fact::Number(*value as f64),
        (Literal::Number(value), Type::Number) => Fact::Number(*value),
        (Literal::Bool(value), Type::Bool) => Fact::Bool(*value),
        (Literal::Time(value), Type::Time) => Fact::Time(*value),
        (Literal::Duration(seconds), Type::Duration) => {
            Fact::Duration(i64::try_from(*seconds).ok()?.checked_mul(1_000_000_000)?)
        }
        (Literal::Ip(address), Type::Ip) => Fact::Ip(*address),
        (Literal::Network(network), Type::Network) => {
            Fact::Network(network.address(), network.prefix())
        }
        _ => return None,
    })
}

/// A UUID in its 36-character form.
pub(crate) fn uuid(text: &str) -> Option<u128> {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    if text.len() != 36 || !shape {
        return None;
    }
    u128::from_str_radix(&text.replace('-', ""), 16).ok()
}
