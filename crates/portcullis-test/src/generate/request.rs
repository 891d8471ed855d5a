//! A request that a route takes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis_compiler::plan::{
    BodyKind, Constant, Field, Operand, Plan, Route, Segment, Shape, time_text,
};
use serde_json::{Map, Value};

use super::text::{json, plain, quoted};
use super::value::{Maker, uuid_text};

/// What stands in a path as it is (RFC 3986, 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request, and what it was made from.
pub(super) struct Request {
    /// The clauses of a test that send it.
    pub(super) clauses: Vec<String>,
    /// The fields that no value could be made for.
    pub(super) failed: Vec<String>,
    params: Vec<Value>,
    query: Map<String, Value>,
    header: Map<String, Value>,
    body: Map<String, Value>,
}

impl Request {
    pub(super) fn new(plan: &Plan, route: &Route) -> Request {
        let maker = Maker::new(plan);
        let mut request = Request {
            clauses: Vec::new(),
            failed: Vec::new(),
            params: Vec::new(),
            query: Map::new(),
            header: Map::new(),
            body: Map::new(),
        };
        for parameter in &route.params {
            let made = maker.field(&parameter.field);
            request.failed.extend(made.failed);
            request.params.push(made.value);
        }
        request.query = request.fields(&maker, &route.query);
        request.header = request.fields(&maker, &route.header);
        let target = request.target(route);
        request.clauses.push(format!("request {} {target}", route.method));
        let lines = request.header.iter().map(|(name, value)| (name.clone(), plain(value)));
        let mut lines = lines.collect::<Vec<_>>();
        let body = route.body.as_ref().map(|body| match &body.kind {
            BodyKind::Json(shape) => {
                let object = request.fields(&maker, std::slice::from_ref(shape));
                request.body = object.clone();
                format!("body {}", json(&Value::Object(object)))
            }
            BodyKind::Form(shape) => {
                let object = request.fields(&maker, std::slice::from_ref(shape));
                request.body = object.clone();
                format!("body form {}", quoted(&pairs(&object)))
            }
            BodyKind::Raw { types, .. } => {
                let media = types.first().map_or("application/octet-stream", String::as_str);
                lines.push(("Content-Type".to_owned(), media.to_owned()));
                "body raw \"-\"".to_owned()
            }
        });
        if !lines.is_empty() {
            let lines =
                lines.iter().map(|(name, value)| format!("{}: {}", quoted(name), quoted(value)));
            let lines = lines.collect::<Vec<_>>().join(", ");
            request.clauses.push(format!("header {{ {lines} }}"));
        }
        request.clauses.extend(body);
        request
    }

    /// What an operand of a key is in this request, as a text.
    pub(super) fn named(&self, route: &Route, operand: &Operand) -> Option<String> {
        let (field, sent) = match operand {
            Operand::Parameter(slot) => (&route.params.get(*slot)?.field, self.params.get(*slot)),
            Operand::Query(slot) => {
                let field = nth(&route.query, *slot)?;
                (field, self.query.get(&field.wire))
            }
            Operand::Header(slot) => {
                let field = nth(&route.header, *slot)?;
                (field, self.header.get(&field.wire))
            }
            Operand::Body(slot) => {
                let field = route.body.as_ref()?.field(*slot)?;
                (field, self.body.get(&field.wire))
            }
            _ => return None,
        };
        match sent {
            Some(value) => Some(field.rule.constraints.normal(&plain(value)).into_owned()),
            None => of_constant(field.default.as_ref()?),
        }
    }

    fn fields(&mut self, maker: &Maker<'_>, shapes: &[Shape]) -> Map<String, Value> {
        let mut fields = Map::new();
        for shape in shapes {
            let made = maker.object(shape);
            self.failed.extend(made.failed);
            if let Value::Object(object) = made.value {
                fields.extend(object);
            }
        }
        fields
    }

    fn target(&self, route: &Route) -> String {
        let mut path = String::new();
        let mut params = self.params.iter();
        for segment in &route.segments {
            path.push('/');
            match segment {
                Segment::Literal(text) => path.push_str(text),
                // A route that is retired declares none of its parameters.
                Segment::Parameter(name) | Segment::Rest(name) => {
                    let value = params.next().map_or_else(|| name.clone(), plain);
                    path.extend(utf8_percent_encode(&value, UNRESERVED));
                }
            }
        }
        if route.trailing_slash || path.is_empty() {
            path.push('/');
        }
        let query = pairs(&self.query);
        if !query.is_empty() {
            return quoted(&format!("{path}?{query}"));
        }
        let bare = |found: char| found.is_ascii_alphanumeric() || "-._~/%".contains(found);
        if path.chars().all(bare) && !path.contains("//") { path } else { quoted(&path) }
    }
}

/// The fields as a query string or a form has them; a list is its name again and again.
fn pairs(fields: &Map<String, Value>) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        match value {
            Value::Array(values) => {
                pairs.extend_pairs(values.iter().map(|value| (name, plain(value))));
            }
            value => {
                pairs.append_pair(name, &plain(value));
            }
        }
    }
    pairs.finish()
}

fn nth(shapes: &[Shape], slot: usize) -> Option<&Field> {
    shapes.iter().flat_map(|shape| &shape.fields).nth(slot)
}

fn of_constant(constant: &Constant) -> Option<String> {
    match constant {
        Constant::Text(text) => Some(text.clone()),
        Constant::Int(value) => Some(value.to_string()),
        Constant::Uuid(value) => Some(uuid_text(*value)),
        Constant::Time(nanos) => Some(time_text(*nanos)),
        _ => None,
    }
}
