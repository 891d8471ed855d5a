//! What a description and a policy say differently.

use std::collections::HashMap;

use portcullis_compiler::plan::{BodyKind, Plan, Route, Segment, Shape};

use crate::Error;
use crate::operation::{Operation, Place};
use crate::read::Description;
use crate::schema::Kind;
use crate::shown::shown;

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Who has it.
    pub side: Side,
    /// The method of the route.
    pub method: String,
    /// Its path, as the side has it that is named here.
    pub path: String,
    /// What of the route: `route`, `query`, `header`, `body` or `field`.
    pub what: &'static str,
    /// The parameter or the field, if it is one.
    pub name: Option<String>,
    /// All of it in words.
    pub message: String,
}

/// Who has what the other has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The description alone.
    Description,
    /// The policy alone.
    Policy,
    /// Both, and not the same.
    Both,
}

impl Side {
    /// Its name in the output of tools.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Description => "description",
            Side::Policy => "policy",
            Side::Both => "both",
        }
    }
}

/// Every difference: routes on one side only, and of those on both sides the names of parameters, headers
/// and fields of bodies. Paths are compared by their shape, whatever their parameters are called. `base` is
/// the path before all others, in the place of those of `servers`.
///
/// # Errors
/// A reference that leads nowhere, or a part that is not as OpenAPI has it.
pub fn drift(
    description: &Description,
    plan: &Plan,
    base: Option<&str>,
) -> Result<Vec<Difference>, Error> {
    let mut found = Vec::new();
    let mut met = vec![false; plan.routes.len()];
    let shapes: Vec<String> = plan.routes.iter().map(shape_of_route).collect();
    let mut by_shape: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, (route, shape)) in plan.routes.iter().zip(&shapes).enumerate() {
        by_shape.entry((&route.method, shape)).or_insert(at);
    }
    for operation in description.operations()? {
        let paths = paths(&operation, base);
        let of_path = |path: &String| (operation.method, shape_of_template(path));
        let at = paths
            .iter()
            .map(of_path)
            .find_map(|(method, shape)| by_shape.get(&(method, shape.as_str())).copied());
        match at.and_then(|at| plan.routes.get(at).zip(met.get_mut(at))) {
            Some((route, met)) => {
                *met = true;
                let mut differences =
                    Differences { operation: &operation, route, found: &mut found };
                differences.all(description)?;
            }
            None => {
                let path = paths.first().cloned().unwrap_or_default();
                found.push(Difference {
                    side: Side::Description,
                    method: operation.method.to_owned(),
                    message: shown(&format!(
                        "`{} {path}` is described, and the policy has no such route",
                        operation.method
                    )),
                    path,
                    what: "route",
                    name: None,
                });
            }
        }
    }
    for (route, met) in plan.routes.iter().zip(met) {
        if !met && route.retired.is_none() {
            found.push(Difference {
                side: Side::Policy,
                method: route.method.clone(),
                path: route.pattern.clone(),
                what: "route",
                name: None,
                message: format!(
                    "`{} {}` is in the policy, and not described",
                    route.method, route.pattern
                ),
            });
        }
    }
    Ok(found)
}

/// The whole paths of an operation: one for each base of its servers.
fn paths(operation: &Operation<'_>, base: Option<&str>) -> Vec<String> {
    let mut bases: Vec<&str> = match base {
        Some(base) => vec![base.trim_end_matches('/')],
        None => operation.servers.iter().map(|server| server.base.as_str()).collect(),
    };
    if bases.is_empty() {
        bases.push("");
    }
    let mut seen = std::collections::HashSet::new();
    bases.retain(|base| seen.insert(*base));
    bases.into_iter().map(|base| format!("{base}{}", operation.path)).collect()
}

/// `/orders/{orderId}` as `/orders/{}`
fn shape_of_template(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        shape.push_str(before);
        let Some((_, behind)) = after.split_once('}') else {
            shape.push('{');
            rest = after;
            continue;
        };
        shape.push_str("{}");
        rest = behind;
    }
    shape.push_str(rest);
    shape
}

fn shape_of_route(route: &Route) -> String {
    let mut shape = String::new();
    for segment in &route.segments {
        shape.push('/');
        match segment {
            Segment::Literal(text) => shape.push_str(text),
            // A description has no parameter that takes several segments, and writes it like this.
            Segment::Parameter(_) | Segment::Rest(_) => shape.push_str("{}"),
        }
    }
    if route.trailing_slash || shape.is_empty() {
        shape.push('/');
    }
    shape
}

struct Differences<'d> {
    operation: &'d Operation<'d>,
    route: &'d Route,
    found: &'d mut Vec<Difference>,
}

/// A name, and whether it must be sent.
type Named = (String, bool);

impl Differences<'_> {
    fn all(&mut self, description: &Description) -> Result<(), Error> {
        if self.route.retired.is_some() {
            self.add(
                Side::Both,
                "route",
                None,
                "is described, and retired in the policy".to_owned(),
            );
            return Ok(());
        }
        let described = |place: Place| {
            self.operation.parameters_in(place).map(|one| (one.name.to_owned(), one.required))
        };
        let query: Vec<Named> = described(Place::Query).collect();
        // These a description does not say (OpenAPI 3.0, "Parameter Object").
        let unsaid = ["accept", "authorization", "content-type"];
        let header = described(Place::Header);
        let header: Vec<Named> = header
            .map(|(name, required)| (name.to_ascii_lowercase(), required))
            .filter(|(name, _)| !unsaid.contains(&name.as_str()))
            .collect();
        self.names("query", "the query parameter", &query, &fields(&self.route.query));
        let lower = |(name, required): Named| (name.to_ascii_lowercase(), required);
        let declared = fields(&self.route.header).into_iter().map(lower).collect::<Vec<_>>();
        self.names("header", "the header", &header, &declared);
        self.body(description)
    }

    fn body(&mut self, description: &Description) -> Result<(), Error> {
        let described = self.operation.body.as_ref().filter(|_| self.operation.method != "GET");
        let (described, route) = match (described, &self.route.body) {
            (None, None) => return Ok(()),
            (Some(_), None) => {
                let what = "takes a body in the description, and none in the policy".to_owned();
                self.add(Side::Description, "body", None, what);
                return Ok(());
            }
            (None, Some(_)) => {
                let what = "takes a body in the policy, and none in the description".to_owned();
                self.add(Side::Policy, "body", None, what);
                return Ok(());
            }
            (Some(described), Some(route)) => (described, route),
        };
        let form = "application/x-www-form-urlencoded";
        let (media, shape) = match &route.kind {
            BodyKind::Json(shape) => (described.content.iter().find(|one| one.is_json()), shape),
            BodyKind::Form(shape) => {
                (described.content.iter().find(|one| one.essence() == form), shape)
            }
            // What is not looked into has no fields to compare.
            BodyKind::Raw { .. } => return Ok(()),
        };
        let Some(media) = media else {
            let what = "takes another media type in the description than in the policy".to_owned();
            self.add(Side::Both, "body", None, what);
            return Ok(());
        };
        let Some(node) = media.schema else { return Ok(()) };
        let Kind::Object(object) = description.schema(node)?.kind else { return Ok(()) };
        let mut names: Vec<Named> = Vec::new();
        for (wire, property) in &object.properties {
            if !description.schema_of(&property.nodes)?.read_only {
                names.push(((*wire).to_owned(), property.required));
            }
        }
        let declared = fields(std::slice::from_ref(shape));
        self.names("field", "the field", &names, &declared);
        Ok(())
    }

    /// Compares names, and whether what they name may be left out.
    fn names(&mut self, what: &'static str, called: &str, described: &[Named], declared: &[Named]) {
        let find = |all: &[Named], name: &str| all.iter().find(|(known, _)| known == name).cloned();
        for (name, required) in described {
            match find(declared, name) {
                None => {
                    let said = format!("has {called} `{name}` in the description alone");
                    self.add(Side::Description, what, Some(name), said);
                }
                Some((_, must)) if must != *required => {
                    let (here, there) = match must {
                        true => ("must be sent", "may be left out"),
                        false => ("may be left out", "must be sent"),
                    };
                    let said = format!(
                        "has {called} `{name}`, which {here} in the policy and {there} in the description"
                    );
                    // More is taken than is described, or less.
                    self.add(Side::Both, what, Some(name), said);
                }
                Some(_) => {}
            }
        }
        for (name, _) in declared.iter().filter(|(name, _)| find(described, name).is_none()) {
            let said = format!("has {called} `{name}` in the policy alone");
            self.add(Side::Policy, what, Some(name), said);
        }
    }

    fn add(&mut self, side: Side, what: &'static str, name: Option<&str>, said: String) {
        let (method, path) = (&self.route.method, &self.route.pattern);
        self.found.push(Difference {
            side,
            method: method.clone(),
            path: path.clone(),
            what,
            name: name.map(str::to_owned),
            message: shown(&format!("`{method} {path}` {said}")),
        });
    }
}

/// The fields that a route declares.
fn fields(shapes: &[Shape]) -> Vec<Named> {
    let all = shapes.iter().flat_map(|shape| &shape.fields);
    // What has a default may be left out.
    all.map(|field| (field.wire.clone(), !field.optional && field.default.is_none())).collect()
}
