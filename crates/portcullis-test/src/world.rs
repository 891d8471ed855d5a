//! From the clauses of a test to its exchange.

use portcullis::{FoundRoute, find_route};
use portcullis_compiler::plan::{Constant, Field, Load, Operand, Plan, Resource, Type};
use portcullis_syntax::ast::{Json, Name, SentBody, Target, Test, TestClause, TestValue};
use portcullis_syntax::{Code, Diagnostic, Span};

use crate::exchange::CLOCK;
use crate::facts::{Kind, Source, uuid};
use crate::{Exchange, Fact, Facts, Given};

/// The exchange of a test, with what it leaves out made up; or all that is wrong with it.
///
/// # Errors
/// The test names what the policy has not, or gives values of other types.
pub fn exchange(plan: &Plan, test: &Test) -> Result<Exchange, Vec<Diagnostic>> {
    let now = one(test, |clause| match clause {
        TestClause::At(time, span) => Some((time.node, *span)),
        _ => None,
    });
    let mut source = Source { plan, now: CLOCK, fresh: 0, depth: 0, faults: Vec::new() };
    source.now = source.single("at", now).unwrap_or(CLOCK);
    let act = one(test, |clause| match clause {
        TestClause::Act(name, span) => Some((name, *span)),
        _ => None,
    });
    let act = source.single("act", act);
    let request = one(test, |clause| match clause {
        TestClause::Request { method, target, from, span } => {
            Some(((method.node.as_str(), Some(target), from.as_ref().map(|from| from.node)), *span))
        }
        _ => None,
    });
    let (method, target, from) = match (source.single("request", request), act) {
        (Some(request), None) => request,
        (None, Some(_)) => ("", None, None),
        (Some(_), Some(act)) => {
            let message = "a test sends a `request` or asks for an action, not both";
            source.fault(Code::Conflict, act.span, message);
            return Err(source.faults);
        }
        (None, None) => {
            let fault =
                Diagnostic::error(Code::Missing, test.title.span, "the test sends no `request`")
                    .help("add `request GET /path`, or `act ACTION`");
            source.faults.push(fault);
            return Err(source.faults);
        }
    };
    let mut exchange = Exchange {
        act: act.map(|name| name.node.clone()),
        now: source.now,
        ..Exchange::new(method, "")
    };
    exchange.peer = from.unwrap_or(exchange.peer);
    let mut host = plan.transport.hosts.as_ref().and_then(|hosts| hosts.first().cloned());
    match target {
        None => {}
        Some(Target::Plain(target)) => exchange.target = target.node.clone(),
        Some(Target::Raw(raw)) => {
            let schemes = [("https://", true), ("http://", false)];
            let found = schemes
                .iter()
                .find_map(|(scheme, https)| Some((raw.node.strip_prefix(scheme)?, *https)));
            match found {
                None => exchange.target = raw.node.clone(),
                Some((rest, https)) => {
                    let path = rest.find('/').unwrap_or(rest.len());
                    let (authority, target) = rest.split_at(path);
                    exchange.https = https;
                    host = Some(authority.to_owned());
                    exchange.target = if target.is_empty() { "/" } else { target }.to_owned();
                }
            }
        }
    }
    source.headers(test, host, &mut exchange);
    source.caller(test, &mut exchange);
    match act {
        None => {
            let found = find_route(plan, &exchange.method, &exchange.target);
            source.objects(test, found.as_ref(), &mut exchange);
        }
        Some(name) => source.acted(test, name, &mut exchange),
    }
    if source.faults.is_empty() { Ok(exchange) } else { Err(source.faults) }
}

fn one<'t, T>(test: &'t Test, of: impl Fn(&'t TestClause) -> Option<(T, Span)>) -> Vec<(T, Span)> {
    test.clauses.iter().filter_map(of).collect()
}

impl Source<'_> {
    fn single<T>(&mut self, what: &str, found: Vec<(T, Span)>) -> Option<T> {
        let first = found.first().map(|(_, span)| *span);
        for (_, span) in found.iter().skip(1) {
            let mut fault =
                Diagnostic::error(Code::Duplicate, *span, format!("`{what}` stands twice"));
            if let Some(first) = first {
                fault = fault.and(first, "first here");
            }
            self.faults.push(fault);
        }
        found.into_iter().next().map(|(value, _)| value)
    }

    fn headers(&mut self, test: &Test, host: Option<String>, exchange: &mut Exchange) {
        let given = one(test, |clause| match clause {
            TestClause::Header(lines, span) => Some((lines, *span)),
            _ => None,
        });
        let given = self.single("header", given);
        let has = |name: &str| {
            given.is_some_and(|lines| {
                lines.iter().any(|(known, _)| known.node.eq_ignore_ascii_case(name))
            })
        };
        if !has("host") {
            let host = host.unwrap_or_else(|| "test.example".to_owned());
            exchange.headers.push(("Host".to_owned(), host));
        }
        let body = one(test, |clause| match clause {
            TestClause::Body(body, span) => Some((body, *span)),
            _ => None,
        });
        if let Some(body) = self.single("body", body) {
            let (text, kind) = match body {
                SentBody::Json(json) => {
                    let mut text = String::new();
                    print(&json.node, &mut text);
                    (text, Some("application/json"))
                }
                SentBody::Form(text) => {
                    (text.node.clone(), Some("application/x-www-form-urlencoded"))
                }
                SentBody::Raw(text) => (text.node.clone(), None),
            };
            exchange.body = Some(text.into_bytes());
            if let Some(kind) = kind.filter(|_| !has("content-type")) {
                exchange.headers.push(("Content-Type".to_owned(), kind.to_owned()));
            }
        }
        let lines = given.into_iter().flatten();
        exchange.headers.extend(lines.map(|(name, value)| (name.node.clone(), value.node.clone())));
    }

    fn caller(&mut self, test: &Test, exchange: &mut Exchange) {
        let given = one(test, |clause| match clause {
            TestClause::Caller { credential, attributes, span } => {
                Some(((credential.as_ref(), attributes, *span), *span))
            }
            _ => None,
        });
        let Some((credential, attributes, span)) = self.single("caller", given) else {
            return;
        };
        let names = self.plan.credentials.iter().map(|known| known.name.as_str());
        let issued = self.plan.session.as_ref();
        let issued = issued.and_then(|session| self.plan.credentials.get(session.access));
        let known = match (credential, self.plan.credentials.as_slice()) {
            (Some(name), all) => {
                let found = all.iter().find(|known| known.name == name.node);
                if found.is_none() {
                    self.unknown("no credential is called", name, names);
                }
                found
            }
            (None, [only]) => Some(only),
            // Whoever has signed in is the usual caller.
            (None, _) if issued.is_some() => issued,
            (None, []) => {
                self.fault(Code::UnknownName, span, "the policy has no credential");
                None
            }
            (None, _) => {
                let fault =
                    Diagnostic::error(Code::Ambiguous, span, "the policy has several credentials");
                let names = names.collect::<Vec<_>>().join("`, `");
                self.faults.push(fault.help(format!("name one of them after `caller`: `{names}`")));
                None
            }
        };
        let Some(known) = known else {
            return;
        };
        let claims = known
            .claims
            .iter()
            .filter_map(|claim| Some((claim, self.plan.caller.get(claim.attribute)?)));
        let claims = claims.collect::<Vec<_>>();
        for (name, _) in attributes {
            if !claims.iter().any(|(_, attribute)| attribute.name == name.node) {
                let names = claims.iter().map(|(_, attribute)| attribute.name.as_str());
                self.unknown("the caller has no attribute", name, names);
            }
        }
        self.distinct(attributes);
        let mut facts = Facts::new();
        for (claim, attribute) in claims {
            let given = attributes.iter().find(|(name, _)| name.node == attribute.name);
            let kind = Kind::from(&attribute.kind);
            let fact = match given {
                Some((_, value)) => self.given(value, &kind, claim.optional),
                None => self.dummy(&kind, claim.optional),
            };
            facts.push((attribute.name.clone(), fact));
        }
        exchange.caller = Some(Given { credential: known.name.clone(), attributes: facts });
    }

    /// The objects that a test gives, by resource; those of resources that nothing asks about are
    /// faults.
    fn given_objects<'t>(&mut self, test: &'t Test, asked: &[&Resource]) -> Vec<Object<'t>> {
        let given = one(test, |clause| match clause {
            TestClause::Resource { resource, attributes, span } => {
                Some(((resource, attributes.as_deref()), *span))
            }
            _ => None,
        });
        let mut kept = Vec::new();
        for ((name, attributes), span) in given {
            if !self.plan.resources.iter().any(|resource| resource.name == name.node) {
                let known = self.plan.resources.iter().map(|resource| resource.name.as_str());
                self.unknown("no resource is called", name, known);
            } else if asked.iter().any(|resource| resource.name == name.node) {
                kept.push(Object { name, attributes, span });
            } else {
                let asked = asked.iter().map(|resource| resource.name.as_str()).collect::<Vec<_>>();
                let message = if asked.is_empty() {
                    "it neither loads nor lists an object".to_owned()
                } else {
                    format!("it speaks of `{}`, not of `{}`", asked.join("` and `"), name.node)
                };
                self.fault(Code::TypeMismatch, name.span, message);
            }
        }
        kept
    }

    fn objects(&mut self, test: &Test, found: Option<&FoundRoute<'_>>, exchange: &mut Exchange) {
        let asked: Vec<&Resource> = match found {
            Some(found) => {
                found.route.objects().filter_map(|index| self.plan.resources.get(index)).collect()
            }
            // Whatever stands there, no route asks for it.
            None => self.plan.resources.iter().collect(),
        };
        let given = self.given_objects(test, &asked);
        let Some(found) = found else {
            for object in given {
                let resource = asked.iter().find(|known| known.name == object.name.node);
                resource.map(|known| self.object(known, object.attributes.unwrap_or_default()));
            }
            return;
        };
        let route = found.route;
        let listed = route.lists.as_ref().and_then(|lists| self.plan.resources.get(lists.resource));
        for resource in asked {
            let of: Vec<&Object<'_>> =
                given.iter().filter(|object| object.name.node == resource.name).collect();
            if listed.is_some_and(|listed| std::ptr::eq(listed, resource)) {
                let rows = of.iter().filter_map(|object| object.attributes);
                exchange.world.rows = rows.map(|row| self.object(resource, row)).collect();
                continue;
            }
            let object = self.single("resource", of.iter().map(|one| (*one, one.span)).collect());
            let load = route.loads.iter().find(|load| {
                self.plan
                    .resources
                    .get(load.resource)
                    .is_some_and(|found| std::ptr::eq(found, resource))
            });
            let facts = match object.map(|object| object.attributes) {
                Some(None) => None,
                Some(Some(row)) => Some(self.loaded(resource, row, found, load, exchange)),
                None => Some(self.loaded(resource, &[], found, load, exchange)),
            };
            exchange.world.objects.push((resource.name.clone(), facts));
        }
    }

    /// An object whose key is what `by` names, unless the test says otherwise.
    fn loaded(
        &mut self,
        resource: &Resource,
        given: &[(Name, TestValue)],
        found: &FoundRoute<'_>,
        load: Option<&Load>,
        exchange: &Exchange,
    ) -> Facts {
        let mut facts = self.object(resource, given);
        for (place, slot) in resource.key.iter().enumerate() {
            let Some(attribute) = resource.attributes.get(*slot) else { continue };
            if given.iter().any(|(name, _)| name.node == attribute.name) {
                continue;
            }
            let key = load.and_then(|load| {
                named_by(load.key.get(place)?, found, &attribute.kind, self.plan, exchange)
            });
            if let (Some(key), Some((_, fact))) =
                (key, facts.iter_mut().find(|(name, _)| *name == attribute.name))
            {
                *fact = key;
            }
        }
        facts
    }

    /// What an action decides about.
    fn acted(&mut self, test: &Test, name: &Name, exchange: &mut Exchange) {
        let Some(action) = self.plan.actions.iter().find(|action| action.name == name.node) else {
            let known = self.plan.actions.iter().map(|action| action.name.as_str());
            self.unknown("no action is called", name, known);
            return;
        };
        if exchange.caller.is_none() {
            let message = "an action is done by a `caller`";
            self.fault(Code::Missing, name.span, message);
        }
        let resource = action.loads.and_then(|index| self.plan.resources.get(index));
        let asked: Vec<&Resource> = resource.into_iter().collect();
        let given = self.given_objects(test, &asked);
        let Some(resource) = resource else { return };
        let object = self.single("resource", given.iter().map(|one| (one, one.span)).collect());
        let facts = match object.map(|object| object.attributes) {
            Some(None) => None,
            Some(Some(row)) => Some(self.object(resource, row)),
            None => Some(self.object(resource, &[])),
        };
        exchange.world.objects.push((resource.name.clone(), facts));
    }
}

/// An object that a test gives, or says that it is absent.
struct Object<'t> {
    name: &'t Name,
    attributes: Option<&'t [(Name, TestValue)]>,
    span: Span,
}

/// What `by` names in this request.
fn named_by(
    by: &Operand,
    found: &FoundRoute<'_>,
    kind: &Type,
    plan: &Plan,
    exchange: &Exchange,
) -> Option<Fact> {
    match by {
        Operand::Parameter(slot) => {
            of_text(found.params.get(*slot)?, &found.route.params.get(*slot)?.field, kind)
        }
        Operand::Body(slot) => {
            let field = found.route.body.as_ref()?.field(*slot)?;
            let body: serde_json::Value =
                serde_json::from_slice(exchange.body.as_deref().unwrap_or_default()).ok()?;
            match body.get(&field.wire) {
                Some(serde_json::Value::String(text)) => of_text(text, field, kind),
                Some(serde_json::Value::Number(number)) => {
                    of_text(&number.to_string(), field, kind)
                }
                Some(_) => None,
                None => of_default(field),
            }
        }
        Operand::Query(slot) => {
            let field = found.route.query.iter().flat_map(|shape| &shape.fields).nth(*slot)?;
            let (_, query) = exchange.target.split_once('?').unwrap_or_default();
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            match pairs.find(|(name, _)| *name == field.wire) {
                Some((_, text)) => of_text(&text, field, kind),
                None => of_default(field),
            }
        }
        Operand::Header(slot) => {
            let field = found.route.header.iter().flat_map(|shape| &shape.fields).nth(*slot)?;
            let mut headers = exchange.headers.iter();
            match headers.find(|(name, _)| name.eq_ignore_ascii_case(&field.wire)) {
                Some((_, text)) => of_text(text, field, kind),
                None => of_default(field),
            }
        }
        Operand::Caller(slot) => {
            let name = &plan.caller.get(*slot)?.name;
            let facts = &exchange.caller.as_ref()?.attributes;
            facts.iter().find(|(known, _)| known == name).map(|(_, fact)| fact.clone())
        }
        _ => None,
    }
}

fn of_default(field: &Field) -> Option<Fact> {
    match field.default.as_ref()? {
        Constant::Text(text) => Some(Fact::Text(text.clone())),
        Constant::Int(value) => Some(Fact::Int(*value)),
        Constant::Uuid(value) => Some(Fact::Uuid(*value)),
        _ => None,
    }
}

/// A text as the handler will see it.
fn of_text(text: &str, field: &Field, kind: &Type) -> Option<Fact> {
    let text = field.rule.constraints.normal(text);
    match kind {
        Type::Uuid => uuid(&text).map(Fact::Uuid),
        Type::Int => text.parse().ok().map(Fact::Int),
        Type::String => Some(Fact::Text(text.into_owned())),
        _ => None,
    }
}

/// JSON as the test wrote it, duplicates and all.
fn print(json: &Json, out: &mut String) {
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(text) => out.push_str(text),
        Json::Text(text) => quote(text, out),
        Json::List(list) => {
            out.push('[');
            for (index, element) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                print(element, out);
            }
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                print(value, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            character if character.is_control() => {
                let mut units = [0u16; 2];
                for unit in character.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            character => out.push(character),
        }
    }
    out.push('"');
}
