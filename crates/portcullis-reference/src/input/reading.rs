//! Fields, lists of them and inputs within inputs: what was sent, held against what is declared.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{Constraint, Field, InputType, InputTypeKind};

use super::asked::{Asked, Condition};
use super::declared::Declared;
use super::{Fields, constraint, outside_name, types};
use crate::comparison::is_in_range;
use crate::json::Json;
use crate::policy::Policy;
use crate::trace::{Clause, Outcome};
use crate::value::Value;

/// What was sent for one field.
#[derive(Clone)]
pub(super) enum Sent {
    Json(Json),
    /// As often as it was sent, and at least once.
    Texts(Vec<String>),
}

/// All that was found so far.
pub(super) struct Reading<'a> {
    policy: &'a Policy,
    /// The fields at fault, by their paths outside.
    pub(super) faults: BTreeSet<String>,
    /// What is to be asked once everything has been read.
    pub(super) asked: Vec<Asked>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(policy: &'a Policy) -> Reading<'a> {
        Reading { policy, faults: BTreeSet::new(), asked: Vec::new() }
    }

    pub(super) fn fault(&mut self, at: &str) {
        self.faults.insert(at.to_owned());
    }

    /// Records that a clause is not fulfilled.
    pub(super) fn record(&self, clause: Clause, span: Span) {
        let against = Some(Reason::InvalidInput);
        self.policy.recorder.decided(clause, span, Outcome::NotHeld, against);
    }

    /// The fields of a JSON object.
    pub(super) fn object(&mut self, declared: &Declared, at: &str, json: &Json) -> Fields {
        let Json::Object(members) = json else { panic!("an object") };
        let names: Vec<String> = declared.fields.iter().map(outside_name).collect();
        let has_unknown = members.iter().any(|(name, _)| !names.contains(name));
        let sent = |name: &str| json.member(name).cloned().map(Sent::Json);
        self.input(declared, at, outside_name, &sent, has_unknown)
    }

    /// The good fields of an input, of which `sent` says what was sent under a name.
    pub(super) fn input(
        &mut self,
        declared: &Declared,
        at: &str,
        wire: fn(&Field) -> String,
        sent: &dyn Fn(&str) -> Option<Sent>,
        has_unknown: bool,
    ) -> Fields {
        let mut values = Fields::new();
        let mut present = 0;
        for field in &declared.fields {
            let name = wire(field);
            let path = within(at, &name);
            let (faults, asked) = (self.faults.clone(), self.asked.len());
            let value = match sent(&name) {
                Some(sent) => {
                    present += 1;
                    self.ask_whether_settable(field, &path);
                    self.value(&field.kind, &field.constraints, &sent, &path)
                }
                None => self.left_out(field, &path),
            };
            self.record_field(field, &path, value.as_ref());
            if has_message(field) {
                // One message is one fault, of the field itself, also for what is wrong in it.
                if self.faults.len() > faults.len() {
                    self.faults = faults;
                    self.fault(&path);
                }
                self.asked.iter_mut().skip(asked).for_each(|asked| asked.at.clone_from(&path));
            }
            values.extend(value.map(|value| (field.name.node.clone(), value)));
        }
        for rules in &declared.rules {
            let is_refused = rules.unknown.iter().any(|refuse| refuse.node) && has_unknown;
            let is_present = |range| is_in_range(&Value::Int(present), range).unwrap();
            if is_refused || !rules.present.iter().all(|range| is_present(&range.node)) {
                self.fault(at);
                self.record(Clause::Rules { at: at.to_owned() }, rules.span);
            }
        }
        for check in &declared.checks {
            let field = declared.fields.iter().find(|field| field.name.node == check.at.node);
            let at = within(at, &wire(field.expect("compiled")));
            let condition = Condition::Check(check.condition.clone(), check.span);
            self.asked.push(Asked { condition, at });
        }
        values
    }

    /// Records whether a field is as declared; left out, what stands in its place is.
    fn record_field(&self, field: &Field, path: &str, value: Option<&Value>) {
        let clause = Clause::Field { at: path.to_owned() };
        let outcome = match value {
            None => return self.record(clause, field.span),
            Some(Value::Absent) => Outcome::Absent,
            Some(_) => Outcome::Held,
        };
        self.policy.recorder.decided(clause, field.span, outcome, None);
    }

    fn ask_whether_settable(&mut self, field: &Field, at: &str) {
        for constraint in &field.constraints {
            if let Constraint::Settable(condition, span) = constraint {
                let condition = Condition::Settable(condition.clone(), *span);
                self.asked.push(Asked { condition, at: at.to_owned() });
            }
        }
    }

    fn left_out(&mut self, field: &Field, path: &str) -> Option<Value> {
        let default = field.constraints.iter().find_map(|constraint| match constraint {
            Constraint::Default(value, _) => {
                Some(types::meant(&field.kind, self.policy.value(value)))
            }
            _ => None,
        });
        let value = default.or(field.kind.optional.then_some(Value::Absent));
        if value.is_none() {
            self.fault(path);
        }
        value
    }

    /// The value of what was sent, or nothing and a fault.
    fn value(
        &mut self,
        kind: &InputType,
        constraints: &[Constraint],
        sent: &Sent,
        path: &str,
    ) -> Option<Value> {
        if kind.or_null.is_some() && matches!(sent, Sent::Json(Json::Null)) {
            return Some(Value::Absent);
        }
        match &kind.node {
            InputTypeKind::List(element, of_element) => {
                let sent: Vec<Sent> = match sent {
                    Sent::Json(Json::List(items)) => {
                        items.iter().cloned().map(Sent::Json).collect()
                    }
                    Sent::Texts(texts) => {
                        texts.iter().map(|text| Sent::Texts(vec![text.clone()])).collect()
                    }
                    Sent::Json(_) => {
                        self.fault(path);
                        return None;
                    }
                };
                self.list(element, of_element, constraints, &sent, path)
            }
            InputTypeKind::Named(name) => match self.policy.input(&name.node) {
                Some(input) => self.nested(&input, sent, path),
                None => self.scalar(&name.node, constraints, sent, path),
            },
        }
    }

    fn list(
        &mut self,
        element: &InputType,
        of_element: &[Constraint],
        of_list: &[Constraint],
        sent: &[Sent],
        path: &str,
    ) -> Option<Value> {
        let mut values = Vec::new();
        for (index, sent) in sent.iter().enumerate() {
            let path = within(path, &index.to_string());
            values.push(self.value(element, of_element, sent, &path));
        }
        let count = Value::Int(i64::try_from(sent.len()).unwrap());
        let unmet = of_list.iter().filter(|it| !constraint::is_within(self.policy, &count, it));
        if self.record_unmet(unmet, path) {
            self.fault(path);
            return None;
        }
        values.into_iter().collect::<Option<Vec<Value>>>().map(Value::List)
    }

    /// Records the constraints that are not fulfilled; whether there are any.
    fn record_unmet<'c>(&self, unmet: impl Iterator<Item = &'c Constraint>, path: &str) -> bool {
        let mut any = false;
        for constraint in unmet {
            any = true;
            self.record(Clause::Constraint { at: path.to_owned() }, constraint.span());
        }
        any
    }

    /// An input within an input, of which conditions know only that it is there.
    fn nested(&mut self, input: &Declared, sent: &Sent, path: &str) -> Option<Value> {
        let Sent::Json(json @ Json::Object(_)) = sent else {
            self.fault(path);
            return None;
        };
        let before = self.faults.len();
        self.object(input, path, json);
        (self.faults.len() == before).then_some(Value::Bool(true))
    }

    fn scalar(
        &mut self,
        kind: &str,
        constraints: &[Constraint],
        sent: &Sent,
        path: &str,
    ) -> Option<Value> {
        let (value, text) = match sent {
            Sent::Json(json) => (types::from_json(self.policy, kind, json), json.text()),
            Sent::Texts(texts) => match &texts[..] {
                [text] => (types::from_text(self.policy, kind, text), Some(text.as_str())),
                _ => (None, None),
            },
        };
        let value = value.map(|value| constraint::normal(constraints, value)).filter(|value| {
            let unmet = constraints.iter().filter(|constraint| {
                !constraint::fits(self.policy, kind, constraint, value)
                    || text.is_some_and(|text| {
                        !constraint::may_be_fetched(self.policy, constraint, text)
                    })
            });
            !self.record_unmet(unmet, path)
        });
        if value.is_none() {
            self.fault(path);
        }
        value
    }
}

fn has_message(field: &Field) -> bool {
    field.constraints.iter().any(|constraint| matches!(constraint, Constraint::Fault(..)))
}

/// `home` and `postCode` are `home.postCode`.
fn within(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}
