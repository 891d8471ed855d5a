//! A case as the clauses of a test.

use std::collections::BTreeMap;

use portcullis_compiler::plan::{ClaimType, Credential, Operand, Plan, Resource, Type};

use super::relation::Relation;
use super::request::Request;
use super::subject::{Case, Subject, Tie, Who, claim};
use super::text::quoted;

/// Makes the cases of one subject.
pub(super) struct Author<'p> {
    plan: &'p Plan,
    subject: Subject<'p>,
    ties: Vec<Relation>,
    /// Nothing, for an action.
    request: Option<Request>,
}

/// The attributes that are given for an object: their names, from the outside in, and their values.
type Given<'p> = Vec<(Vec<&'p str>, String)>;

/// Why there is no such case.
pub(super) enum Without {
    /// It cannot be: the object is found by the caller's own key.
    Impossible,
    /// No value can be made for it.
    Values(String),
}

impl<'p> Author<'p> {
    pub(super) fn new(plan: &'p Plan, subject: Subject<'p>) -> Author<'p> {
        let request = match subject {
            Subject::Route(route) => Some(Request::new(plan, route)),
            Subject::Action(_) => None,
        };
        Author { plan, subject, ties: subject.ties(plan), request }
    }

    /// The fields of the request that no value could be made for.
    pub(super) fn failed(&self) -> &[String] {
        self.request.as_ref().map_or(&[], |request| &request.failed)
    }

    /// The clauses up to what is expected.
    pub(super) fn clauses(&self, (who, tie): Case) -> Result<Vec<String>, Without> {
        let mut caller: BTreeMap<usize, String> = BTreeMap::new();
        let mut objects: BTreeMap<usize, Vec<Given<'p>>> = BTreeMap::new();
        for (index, relation) in self.ties.iter().enumerate().filter(|_| who != Who::Anonymous) {
            let held = match tie {
                Tie::Unasked => continue,
                Tie::Related(held) if held != index => continue,
                Tie::Related(_) => true,
                Tie::Other => false,
            };
            let given = objects.entry(relation.place.object).or_insert_with(|| vec![Given::new()]);
            let given = given.first_mut().ok_or(Without::Impossible)?;
            self.tie(relation, held, &mut caller, given)?;
        }
        if let Some(row) = self.subject.row() {
            objects.insert(row, self.rows(row, who, &mut caller)?);
        }
        let mut clauses = Vec::new();
        match (who, self.subject.credential(self.plan)) {
            (Who::Anonymous, _) | (_, None) => {}
            (who, Some(credential)) => clauses.push(self.caller(who, credential, &caller)),
        }
        match (&self.request, self.subject) {
            (Some(request), _) => clauses.extend(request.clauses.clone()),
            (None, Subject::Action(action)) => clauses.push(format!("act {}", action.name)),
            (None, Subject::Route(_)) => return Err(Without::Impossible),
        }
        let resources = self.subject.objects();
        for (place, given) in objects {
            let resource = resources.get(place).and_then(|index| self.plan.resources.get(*index));
            let Some(resource) = resource else { continue };
            let listed = Some(place) == self.subject.row();
            for given in given.iter().filter(|given| listed || !given.is_empty()) {
                clauses.push(format!("resource {} {}", resource.name, record(given)));
            }
        }
        Ok(clauses)
    }

    /// Says of caller and object what makes a relation hold, or keeps it from holding.
    fn tie(
        &self,
        relation: &Relation,
        held: bool,
        caller: &mut BTreeMap<usize, String>,
        object: &mut Given<'p>,
    ) -> Result<(), Without> {
        let resource = self.resource(relation)?;
        let key = self.subject.key_of(self.plan, relation);
        let mut own = caller.get(&relation.caller).cloned();
        match key {
            Some(Operand::Caller(slot)) => {
                if !held {
                    return Err(Without::Impossible);
                }
                let own = self.value(relation, 0)?;
                caller.insert(*slot, own.clone());
                caller.insert(relation.caller, own);
                return Ok(());
            }
            Some(operand) => {
                let named = self.named(operand, relation)?;
                let own = match held {
                    true => named,
                    false if self.value(relation, 0)? == named => self.value(relation, 1)?,
                    false => self.value(relation, 0)?,
                };
                caller.insert(relation.caller, listed(own, relation.of_many));
                return Ok(());
            }
            None => {}
        }
        if own.is_none() {
            let value = listed(self.value(relation, 0)?, relation.of_many);
            caller.insert(relation.caller, value.clone());
            own = Some(value);
        }
        let path = relation.path(self.plan, resource).ok_or(Without::Impossible)?;
        match (held, own) {
            // What the caller's attribute is by now, which another relation may have said.
            (true, Some(own)) if !relation.of_many => {
                give(object, path, listed(own, relation.many))
            }
            (true, _) => give(object, path, self.value(relation, 0)?),
            // No value is in a list that is left out.
            (false, _) if relation.many => {}
            (false, _) => give(object, path, self.value(relation, 1)?),
        }
        Ok(())
    }

    /// A row that is the caller's and one that is not, where that is asked about; else any.
    fn rows(
        &self,
        row: usize,
        who: Who,
        caller: &mut BTreeMap<usize, String>,
    ) -> Result<Vec<Given<'p>>, Without> {
        let relations = self.subject.relations(self.plan);
        let relation = relations.iter().find(|relation| relation.place.object == row);
        let Some(relation) = relation.filter(|_| who != Who::Anonymous) else {
            return Ok(vec![Given::new()]);
        };
        let mut rows = Vec::new();
        for held in [true, false] {
            let mut given = Given::new();
            self.tie(relation, held, caller, &mut given)?;
            rows.push(given);
        }
        Ok(rows)
    }

    fn caller(&self, who: Who, credential: &Credential, given: &BTreeMap<usize, String>) -> String {
        let mut attributes = Vec::new();
        for claim in &credential.claims {
            if let (Some(value), Some(attribute)) =
                (given.get(&claim.attribute), self.plan.caller.get(claim.attribute))
            {
                attributes.push(format!("{}: {value}", attribute.name));
            }
        }
        if let Who::Role(role) = who {
            let role = self.plan.roles.get(role).map_or("", |role| &role.name);
            let of = |kind: &ClaimType| claim(self.plan, credential, |found| found == kind);
            attributes.extend(of(&ClaimType::Role).map(|(name, _)| format!("{name}: {role}")));
            attributes.extend(of(&ClaimType::Roles).map(|(name, _)| format!("{name}: [{role}]")));
        }
        if let Some((name, false)) = claim(self.plan, credential, |kind| *kind == ClaimType::Scopes)
        {
            attributes.push(format!("{name}: [{}]", self.needed().join(", ")));
        }
        let credential = match self.plan.credentials.len() {
            1 => String::new(),
            _ => format!("{} ", credential.name),
        };
        format!("caller {credential}{{ {} }}", attributes.join(" "))
    }

    /// A permission of each `needs`.
    fn needed(&self) -> Vec<&'p str> {
        let needs = match self.subject {
            Subject::Route(route) => &route.needs,
            Subject::Action(action) => &action.needs,
        };
        let first = needs.iter().filter_map(|needed| needed.any.first());
        first.filter_map(|index| self.plan.permissions.get(*index)).map(String::as_str).collect()
    }

    fn resource(&self, relation: &Relation) -> Result<&'p Resource, Without> {
        relation.resource(self.plan, &self.subject.objects()).ok_or(Without::Impossible)
    }

    /// What the request names, as a value of the relation's type.
    fn named(&self, operand: &Operand, relation: &Relation) -> Result<String, Without> {
        let Subject::Route(route) = self.subject else { return Err(Without::Impossible) };
        let named = self.request.as_ref().and_then(|request| request.named(route, operand));
        let named = named.ok_or_else(|| Without::Values("its key cannot be made up".to_owned()))?;
        Ok(match relation.kind(self.plan) {
            Some(Type::Int) => named,
            _ => quoted(&named),
        })
    }

    /// The value that is the caller's, and one that is another's.
    fn value(&self, relation: &Relation, nth: usize) -> Result<String, Without> {
        let without = || {
            let name = self.plan.caller.get(relation.caller).map_or("", |found| &found.name);
            Without::Values(format!(
                "`caller.{name}` has a type that no two values are made up for"
            ))
        };
        let pick = |texts: [&str; 2]| texts.get(nth).map(|text| quoted(text));
        let value = match relation.kind(self.plan).ok_or_else(without)? {
            Type::String => pick(["ann", "bob"]),
            Type::Url => pick(["https://ann.example/", "https://bob.example/"]),
            Type::Uuid => pick([
                "0a11ce00-0000-4000-8000-000000000001",
                "0b0b0000-0000-4000-8000-000000000002",
            ]),
            Type::Int => Some((nth + 1).to_string()),
            Type::Enumeration(index) => {
                let members = self.plan.enumerations.get(*index).map(|found| &found.members);
                members.and_then(|members| members.get(nth)).map(|(name, _)| name.clone())
            }
            _ => None,
        };
        value.ok_or_else(without)
    }
}

/// Two relations may read one attribute: it has one value.
fn give<'p>(object: &mut Given<'p>, path: Vec<&'p str>, value: String) {
    if !object.iter().any(|(known, _)| *known == path) {
        object.push((path, value));
    }
}

fn listed(value: String, many: bool) -> String {
    if many && !value.starts_with('[') { format!("[{value}]") } else { value }
}

/// `{ user_id: "ann" }`, with the objects that are nested in it.
fn record(given: &[(Vec<&str>, String)]) -> String {
    let mut fields: Vec<(&str, Given<'_>)> = Vec::new();
    for (path, value) in given {
        let Some((first, rest)) = path.split_first() else { continue };
        let inner = (rest.to_vec(), value.clone());
        match fields.iter_mut().find(|(name, _)| name == first) {
            Some((_, inside)) => inside.push(inner),
            None => fields.push((first, vec![inner])),
        }
    }
    let fields = fields.into_iter().map(|(name, inside)| match inside.as_slice() {
        [(path, value)] if path.is_empty() => format!("{name}: {value}"),
        inside => format!("{name}: {}", record(inside)),
    });
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(" "))
}
