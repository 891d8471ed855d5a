//! What an expression is worth. `and`, `or` and `else` look from left to right and no further than
//! they must.

use std::cmp::Ordering;

use portcullis_syntax::ast::{
    Comparison, Enumeration, Expression, ExpressionKind, Path, ResourceClause,
};

use crate::caller;
use crate::comparison::{equal, is_in, order};
use crate::policy::Policy;
use portcullis_test::Fact;

use crate::scope::{Fault, Object, Scope, is_input, resource_at};
use crate::value::{Value, fact};

impl Scope<'_> {
    /// Whether an expression holds.
    pub(crate) fn holds(&self, expression: &Expression) -> Result<bool, Fault> {
        let mark = self.policy.recorder.mark();
        let held = self.asked(expression);
        self.policy.recorder.branch(mark, expression.span, held);
        held
    }

    fn asked(&self, expression: &Expression) -> Result<bool, Fault> {
        if self.reads_nobody(expression) {
            return Ok(false);
        }
        match self.value(expression, None)? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(Fault),
        }
    }

    /// The value of an expression; beside an enum, a bare name is one of its values.
    fn value(&self, of: &Expression, beside: Option<&Enumeration>) -> Result<Value, Fault> {
        let holds = match &of.node {
            ExpressionKind::Literal(literal) => return Ok(literal.into()),
            ExpressionKind::Path(path) => return self.named(path, beside),
            ExpressionKind::List(items) => {
                let mut values = Vec::new();
                for item in items {
                    match self.value(item, beside)? {
                        // A setting that is a list stands for its elements.
                        Value::List(more) => values.extend(more),
                        value => values.push(value),
                    }
                }
                return Ok(Value::List(values));
            }
            ExpressionKind::Else(first, second) => {
                return match self.value(first, beside)? {
                    Value::Absent => self.value(second, beside),
                    value => Ok(value),
                };
            }
            ExpressionKind::And(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(Value::Bool(false));
                    }
                }
                true
            }
            ExpressionKind::Or(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(Value::Bool(true));
                    }
                }
                false
            }
            ExpressionKind::Not(inner) => !self.holds(inner)?,
            ExpressionKind::Exists(path) if path.segments.len() == 1 => self.caller.is_some(),
            ExpressionKind::Exists(path) => self.exists(path)?,
            ExpressionKind::Compare(comparison, left, right) => {
                self.compare(*comparison, left, right)?
            }
            ExpressionKind::In(left, right) => {
                let beside = self.enumeration(left).or_else(|| self.enumeration(right));
                is_in(&self.value(left, beside)?, &self.value(right, beside)?)?
            }
            ExpressionKind::Is(_, roles) => {
                let mut roles = roles.iter().map(|role| &role.node);
                let held = caller::roles(self.policy, self.caller.as_ref());
                roles.any(|role| held.contains(role))
            }
            ExpressionKind::Can(_, permission) => {
                caller::may(self.policy, self.caller.as_ref(), &permission.node)
            }
            ExpressionKind::Within(time, duration) => {
                let (age, duration) = self.age(time, duration)?;
                0 <= age && age <= duration
            }
            ExpressionKind::OlderThan(time, duration) => {
                let (age, duration) = self.age(time, duration)?;
                age > duration
            }
        };
        Ok(Value::Bool(holds))
    }

    /// Whether something is there; what belongs to something absent is not.
    fn exists(&self, path: &Path) -> Result<bool, Fault> {
        if is_input(path) || ["caller", "request"].contains(&path.segments[0].node.as_str()) {
            return self.read(path).map(|value| value != Value::Absent);
        }
        let Some((resource, facts)) = self.descend(path)? else {
            return Ok(false);
        };
        let last = path.segments.last().expect("a name");
        // A nested object has no value, and is there or not.
        if matches!(fact(&facts, &last.node), Fact::Object(_))
            && resource_at(self.policy, resource, std::slice::from_ref(last)).is_some()
        {
            return Ok(true);
        }
        if *fact(&facts, &last.node) == Fact::Absent
            && resource_at(self.policy, resource, std::slice::from_ref(last)).is_some()
        {
            return Ok(false);
        }
        self.read(path).map(|value| value != Value::Absent)
    }

    fn named(&self, path: &Path, beside: Option<&Enumeration>) -> Result<Value, Fault> {
        let names: Vec<&str> = path.segments.iter().map(|name| name.node.as_str()).collect();
        match names[..] {
            ["now"] => return Ok(Value::Time(self.now)),
            [name] if beside.is_some_and(|e| position(e, name).is_some()) => {
                return Ok(Value::Text(name.to_owned()));
            }
            [name] => {
                let mut about = self.about.iter();
                let of = about.find(|of| predicate(self.policy, of, name).is_some());
                return match of {
                    Some(of) => self.predicate(of, self.known(of), name).map(Value::Bool),
                    None => self.policy.setting(name).ok_or(Fault),
                };
            }
            [from, .., last] if self.about.contains(&from) => {
                let nested = &path.segments[1..path.segments.len() - 1];
                let of = resource_at(self.policy, from, nested).ok_or(Fault)?;
                if predicate(self.policy, of, last).is_some() {
                    // Where the object is not there, whatever reads it faults.
                    let object = self.descend(path).ok().flatten();
                    let object = object.map(|(resource, facts)| Object { resource, facts });
                    return self.predicate(of, object.as_ref(), last).map(Value::Bool);
                }
            }
            _ => {}
        }
        self.read(path)
    }

    fn known(&self, resource: &str) -> Option<&Object<'_>> {
        self.objects.iter().find(|object| object.resource == resource)
    }

    /// A predicate speaks of its own object, and of the caller. One that reads nothing of the object
    /// may be asked before that is known.
    fn predicate(
        &self,
        resource: &str,
        object: Option<&Object<'_>>,
        name: &str,
    ) -> Result<bool, Fault> {
        let condition = predicate(self.policy, resource, name).expect("compiled");
        let objects = object.into_iter().cloned().collect();
        Scope { objects, about: vec![resource], in_predicate: true, ..self.clone() }
            .holds(condition)
    }

    /// Whether this, in a predicate, compares an attribute of a caller who is not there.
    fn reads_nobody(&self, expression: &Expression) -> bool {
        let operands = match &expression.node {
            ExpressionKind::Compare(_, a, b)
            | ExpressionKind::In(a, b)
            | ExpressionKind::Within(a, b)
            | ExpressionKind::OlderThan(a, b) => vec![&**a, &**b],
            _ => vec![expression],
        };
        self.in_predicate && self.caller.is_none() && operands.into_iter().any(reads_caller)
    }

    fn compare(
        &self,
        comparison: Comparison,
        left: &Expression,
        right: &Expression,
    ) -> Result<bool, Fault> {
        let beside = self.enumeration(left).or_else(|| self.enumeration(right));
        let (left, right) = (self.value(left, beside)?, self.value(right, beside)?);
        match comparison {
            Comparison::Equal => return equal(&left, &right),
            Comparison::NotEqual => return equal(&left, &right).map(|equal| !equal),
            _ => {}
        }
        let ordering = match (beside, &left, &right) {
            (Some(beside), Value::Text(left), Value::Text(right)) => {
                position(beside, left).cmp(&position(beside, right))
            }
            _ => order(&left, &right)?,
        };
        Ok(match comparison {
            Comparison::Less => ordering == Ordering::Less,
            Comparison::LessOrEqual => ordering != Ordering::Greater,
            Comparison::Greater => ordering == Ordering::Greater,
            _ => ordering != Ordering::Less,
        })
    }

    /// How long ago a time was, and a duration to hold it against.
    fn age(&self, time: &Expression, duration: &Expression) -> Result<(i128, i128), Fault> {
        match (self.value(time, None)?, self.value(duration, None)?) {
            (Value::Time(time), Value::Duration(duration)) => Ok((self.now - time, duration)),
            _ => Err(Fault),
        }
    }
}

/// The condition of a predicate of a resource.
pub(crate) fn predicate<'a>(
    policy: &'a Policy,
    resource: &str,
    name: &str,
) -> Option<&'a Expression> {
    policy.resource(resource).clauses.iter().find_map(|clause| match clause {
        ResourceClause::Predicate { name: given, condition, .. } if given.node == name => {
            Some(condition)
        }
        _ => None,
    })
}

/// The expressions directly in an expression, and the path that it is itself.
pub(crate) fn parts(of: &Expression) -> (Vec<&Expression>, Option<&Path>) {
    match &of.node {
        ExpressionKind::And(parts) | ExpressionKind::Or(parts) | ExpressionKind::List(parts) => {
            (parts.iter().collect(), None)
        }
        ExpressionKind::Not(a) | ExpressionKind::Is(a, _) | ExpressionKind::Can(a, _) => {
            (vec![a], None)
        }
        ExpressionKind::Else(a, b)
        | ExpressionKind::Compare(_, a, b)
        | ExpressionKind::In(a, b)
        | ExpressionKind::Within(a, b)
        | ExpressionKind::OlderThan(a, b) => (vec![a, b], None),
        ExpressionKind::Path(path) | ExpressionKind::Exists(path) => (Vec::new(), Some(path)),
        ExpressionKind::Literal(_) => (Vec::new(), None),
    }
}

/// Whether a value is an attribute of the caller, with nothing to stand in for it.
fn reads_caller(value: &Expression) -> bool {
    match &value.node {
        ExpressionKind::Path(path) => path.segments.len() == 2 && path.segments[0].node == "caller",
        ExpressionKind::Else(_, last) => reads_caller(last),
        _ => false,
    }
}

fn position(enumeration: &Enumeration, name: &str) -> Option<usize> {
    enumeration.members.iter().position(|member| member.name.node == name)
}
