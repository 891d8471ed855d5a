//! From the clauses of a test to its exchange.

use std::net::{IpAddr, Ipv4Addr};

use portcullis_compiler::plan::{Operand, Plan, Resource, Route, Segment, Type};
use portcullis_syntax::ast::{Json, Name, Target, Test, TestClause, TestValue};
use portcullis_syntax::{Code, Diagnostic, Span};

use crate::facts::{Kind, Source, uuid};
use crate::{Exchange, Fact, Facts, World};

/// 2026-01-01T00:00:00Z, in nanoseconds since the Unix epoch.
const CLOCK: i64 = 1_767_225_600 * 1_000_000_000;

/// The exchange of a test, or all that is wrong with it.
pub(crate) fn exchange(plan: &Plan, test: &Test) -> Result<Exchange, Vec<Diagnostic>> {
    let now = one(test, |clause| match clause {
        TestClause::At(time, span) => Some((time.node, *span)),
        _ => None,
    });
    let mut source = Source { plan, now: CLOCK, fresh: 0, faults: Vec::new() };
    source.now = source.single("at", now).unwrap_or(CLOCK);
    for clause in &test.clauses {
        if let TestClause::Unsupported(found) = clause {
            let message = format!("`{}` is not supported yet", found.what);
            source.fault(Code::NotSupported, found.span, message);
        }
    }
    let request = one(test, |clause| match clause {
        TestClause::Request { method, target, from, span } => {
            Some(((method, target, from.as_ref().map(|from| from.node)), *span))
        }
        _ => None,
    });
    let Some((method, target, from)) = source.single("request", request) else {
        let fault =
            Diagnostic::error(Code::Missing, test.title.span, "the test sends no `request`")
                .help("add `request GET /path`");
        source.faults.push(fault);
        return Err(source.faults);
    };
    let mut exchange = Exchange {
        method: method.node.clone(),
        target: String::new(),
        https: true,
        peer: from.unwrap_or(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))),
        headers: Vec::new(),
        caller: None,
        body: None,
        world: World::Nothing,
        now: source.now,
    };
    let mut host = plan.transport.hosts.as_ref().and_then(|hosts| hosts.first().cloned());
    match target {
        Target::Plain(target) => exchange.target = target.node.clone(),
        Target::Raw(raw) => {
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
    let route = route_of(plan, &exchange);
    source.caller(test, &mut exchange);
    source.objects(test, route, &mut exchange);
    if source.faults.is_empty() { Ok(exchange) } else { Err(source.faults) }
}

fn one<'t, T>(test: &'t Test, of: impl Fn(&'t TestClause) -> Option<(T, Span)>) -> Vec<(T, Span)> {
    test.clauses.iter().filter_map(of).collect()
}

/// The route that a path would take: only to fill in what the test leaves out.
fn route_of<'p>(plan: &'p Plan, exchange: &Exchange) -> Option<&'p Route> {
    let path = exchange.target.split('?').next().unwrap_or("");
    let segments = path.trim_matches('/').split('/').collect::<Vec<_>>();
    let method = if exchange.method == "HEAD" { "GET" } else { &exchange.method };
    let fits = |route: &&Route| {
        route.method == method
            && route.segments.len() == segments.len()
            && route.segments.iter().zip(&segments).all(|(known, found)| match known {
                Segment::Literal(text) => text == found,
                Segment::Parameter(_) | Segment::Rest(_) => true,
            })
    };
    let literals = |route: &&Route| {
        route.segments.iter().map(|known| matches!(known, Segment::Literal(_))).collect::<Vec<_>>()
    };
    plan.routes.iter().filter(fits).max_by_key(literals)
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
            TestClause::Body(json, span) => Some((json, *span)),
            _ => None,
        });
        if let Some(body) = self.single("body", body) {
            let mut text = String::new();
            print(&body.node, &mut text);
            exchange.body = Some(text.into_bytes());
            if !has("content-type") {
                exchange.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
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
        let Some(known) = self.plan.credentials.first() else {
            self.fault(Code::UnknownName, span, "the policy has no credential");
            return;
        };
        if let Some(name) = credential.filter(|name| name.node != known.name) {
            self.unknown("no credential is called", name, [known.name.as_str()]);
        }
        for (name, _) in attributes {
            if !known.claims.iter().any(|claim| claim.name == name.node) {
                let names = known.claims.iter().map(|claim| claim.name.as_str());
                self.unknown("the caller has no attribute", name, names);
            }
        }
        let mut facts = Facts::new();
        for claim in &known.claims {
            let given = attributes.iter().find(|(name, _)| name.node == claim.name);
            let kind = Kind::from(claim.kind);
            let fact = match given {
                Some((_, value)) => self.given(value, &kind, claim.optional),
                None => self.dummy(&kind, claim.optional),
            };
            facts.push((claim.name.clone(), fact));
        }
        exchange.caller = Some(facts);
    }

    fn objects(&mut self, test: &Test, route: Option<&Route>, exchange: &mut Exchange) {
        let given = one(test, |clause| match clause {
            TestClause::Resource { resource, attributes, span } => {
                Some(((resource, attributes.as_deref()), *span))
            }
            _ => None,
        });
        for ((name, _), _) in &given {
            if !self.plan.resources.iter().any(|resource| resource.name == name.node) {
                let known = self.plan.resources.iter().map(|resource| resource.name.as_str());
                self.unknown("no resource is called", name, known);
                return;
            }
        }
        let Some(route) = route else { return };
        let resource = route.resource().and_then(|index| self.plan.resources.get(index));
        let Some(resource) = resource else {
            for (_, span) in &given {
                self.fault(
                    Code::TypeMismatch,
                    *span,
                    "the route neither loads nor lists an object",
                );
            }
            return;
        };
        for ((name, _), _) in given.iter().filter(|((name, _), _)| name.node != resource.name) {
            let message =
                format!("the route speaks of `{}`, not of `{}`", resource.name, name.node);
            self.fault(Code::TypeMismatch, name.span, message);
        }
        if route.lists.is_some() {
            let rows = given.iter().filter_map(|((_, attributes), _)| *attributes);
            let rows = rows.collect::<Vec<_>>();
            let rows = rows.into_iter().map(|row| self.object(resource, row, None, exchange));
            exchange.world = World::Rows(rows.collect());
            return;
        }
        let object = self.single("resource", given);
        exchange.world = World::Object(match object {
            Some((_, None)) => None,
            Some((_, Some(row))) => Some(self.object(resource, row, Some(route), exchange)),
            None => Some(self.object(resource, &[], Some(route), exchange)),
        });
    }

    fn object(
        &mut self,
        resource: &Resource,
        given: &[(Name, TestValue)],
        route: Option<&Route>,
        exchange: &Exchange,
    ) -> Facts {
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
        let mut facts = Facts::new();
        for (slot, attribute) in resource.attributes.iter().enumerate() {
            let kind = Kind::Plain(attribute.kind.clone());
            let found = given.iter().find(|(name, _)| name.node == attribute.name);
            let key = || {
                let loads = route?.loads.as_ref()?;
                let place = resource.key.iter().position(|key| *key == slot)?;
                named_by(loads.key.get(place)?, route?, &attribute.kind, self.plan, exchange)
            };
            let fact = match (found, key()) {
                (Some((_, value)), _) => self.given(value, &kind, attribute.optional),
                (None, Some(key)) => key,
                (None, None) => self.dummy(&kind, attribute.optional),
            };
            facts.push((attribute.name.clone(), fact));
        }
        facts
    }
}

/// What `by` names in this request.
fn named_by(
    by: &Operand,
    route: &Route,
    kind: &Type,
    plan: &Plan,
    exchange: &Exchange,
) -> Option<Fact> {
    match by {
        Operand::Parameter(slot) => {
            let segment = route.params.get(*slot)?.segment;
            let path = exchange.target.split('?').next()?;
            of_text(path.trim_matches('/').split('/').nth(segment)?, kind)
        }
        Operand::Caller(slot) => {
            let name = &plan.credentials.first()?.claims.get(*slot)?.name;
            let facts = exchange.caller.as_ref()?;
            facts.iter().find(|(known, _)| known == name).map(|(_, fact)| fact.clone())
        }
        _ => None,
    }
}

fn of_text(text: &str, kind: &Type) -> Option<Fact> {
    match kind {
        Type::Uuid => uuid(text).map(Fact::Uuid),
        Type::Int => text.parse().ok().map(Fact::Int),
        Type::String => Some(Fact::Text(text.to_owned())),
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
