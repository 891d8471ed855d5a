//! What a request brings: checked against its shapes, normalised, and kept in place of what came.

mod de;
mod json;
mod kept;
mod pairs;
mod reading;
pub(crate) mod text;

use portcullis_compiler::plan::{
    Body, BodyKind, Field, FieldType, Parameter, Plan, Route, Shape, Type,
};
use serde::de::DeserializeOwned;
use smallvec::SmallVec;

pub(crate) use kept::Kept;
pub(crate) use reading::{Reading, Where};

use crate::condition::{Doubt, Seen};
use crate::request::{Request, Routed};
use kept::Param;

/// What a request brought, once it is known to be as declared.
#[derive(Default)]
pub(crate) struct Inputs {
    params: SmallVec<[Param; 2]>,
    /// Apart, since a request of most routes has nothing of it.
    fields: Option<Box<Fields>>,
}

/// The fields of each source, in the order of all its shapes.
#[derive(Default)]
struct Fields {
    query: Vec<Kept>,
    header: Vec<Kept>,
    body: Vec<Kept>,
}

impl Inputs {
    /// Reads all that a route declares. What is at fault is in the reading.
    pub(crate) fn read<'p>(
        routed: &Routed<'_>,
        route: &'p Route,
        body: Option<&[u8]>,
        reading: &mut Reading<'p>,
    ) -> Inputs {
        let mut inputs = Inputs::default();
        for (place, parameter) in route.params.iter().enumerate() {
            inputs.params.push(param(routed, place, parameter, reading));
        }
        if route.query.is_empty() && route.header.is_empty() && route.body.is_none() {
            return inputs;
        }
        let fields = inputs.fields.insert(Box::default());
        if !route.query.is_empty() {
            fields.query = pairs::read(routed.query(), &route.query, reading);
        }
        fields.header = headers(&routed.request, &route.header, reading);
        if let Some(declared) = &route.body {
            fields.body = read_body(body, declared, reading);
        }
        inputs
    }

    /// A parameter's value, given the path that it stands in.
    pub(crate) fn param<'a>(&'a self, slot: usize, path: &'a str) -> Result<Seen<'a>, Doubt> {
        self.params.get(slot).ok_or(Doubt)?.seen(path)
    }

    /// The value of a field of the query string.
    pub(crate) fn query(&self, slot: usize) -> Result<Seen<'_>, Doubt> {
        self.fields.as_ref().and_then(|fields| fields.query.get(slot)).ok_or(Doubt)?.seen()
    }

    /// The value of a header field.
    pub(crate) fn header(&self, slot: usize) -> Result<Seen<'_>, Doubt> {
        self.fields.as_ref().and_then(|fields| fields.header.get(slot)).ok_or(Doubt)?.seen()
    }

    /// The value of a field of the body.
    pub(crate) fn body(&self, slot: usize) -> Result<Seen<'_>, Doubt> {
        self.fields.as_ref().and_then(|fields| fields.body.get(slot)).ok_or(Doubt)?.seen()
    }

    /// The parameters as a type of the application's; nothing where it does not fit.
    pub(crate) fn params_as<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &[Parameter],
        plan: &Plan,
    ) -> Option<T> {
        let fields = params.iter().zip(&self.params);
        de::object(fields.map(|(parameter, kept)| (&parameter.field, kept.node(path))), plan)
    }

    /// The query string, likewise.
    pub(crate) fn query_as<T: DeserializeOwned>(&self, shapes: &[Shape], plan: &Plan) -> Option<T> {
        let kept = self.fields.as_ref().map_or(&[] as &[_], |fields| &fields.query);
        de::object(fields_of(shapes).zip(kept.iter().map(Kept::node)), plan)
    }

    /// The headers that the route declares, likewise.
    pub(crate) fn header_as<T: DeserializeOwned>(
        &self,
        shapes: &[Shape],
        plan: &Plan,
    ) -> Option<T> {
        let kept = self.fields.as_ref().map_or(&[] as &[_], |fields| &fields.header);
        de::object(fields_of(shapes).zip(kept.iter().map(Kept::node)), plan)
    }

    /// The body, likewise.
    pub(crate) fn body_as<T: DeserializeOwned>(&self, shape: &Shape, plan: &Plan) -> Option<T> {
        let kept = self.fields.as_ref().map_or(&[] as &[_], |fields| &fields.body);
        de::object(shape.fields.iter().zip(kept.iter().map(Kept::node)), plan)
    }

    /// The query string as it was read: what a handler that looks at the target itself may see.
    pub(crate) fn normal_query(&self, shapes: &[Shape], plan: &Plan) -> String {
        let kept = self.fields.as_ref().map_or(&[] as &[_], |fields| &fields.query);
        pairs::write(fields_of(shapes).zip(kept), plan)
    }
}

fn fields_of(shapes: &[Shape]) -> impl Iterator<Item = &Field> {
    shapes.iter().flat_map(|shape| &shape.fields)
}

fn param<'p>(
    routed: &Routed<'_>,
    place: usize,
    parameter: &'p Parameter,
    reading: &mut Reading<'p>,
) -> Param {
    let field = &parameter.field;
    let (rule, raw) = (&field.rule, routed.param(place));
    let at = Where::Root.field(&field.wire);
    let mark = reading.mark();
    let constraints = &rule.constraints;
    let stays = rule.kind == FieldType::Plain(Type::String) && constraints.case.is_none();
    let param = if stays {
        let text = if constraints.trim { raw.trim() } else { raw };
        let before = raw.len() - if constraints.trim { raw.trim_start().len() } else { raw.len() };
        let (start, _) = routed.way.params.get(place).copied().unwrap_or_default();
        match reading.is_text(rule, text, &at, field.span) {
            true => Param::text(usize::from(start).saturating_add(before), text.len()),
            false => Param::Faulty,
        }
    } else {
        Param::keep(reading.plain(rule, raw, &at, field.span))
    };
    reading.settle(mark, field, &at);
    param
}

/// Reads the headers that the route declares, each of which stands at most once.
fn headers<'p>(request: &Request<'_>, shapes: &'p [Shape], reading: &mut Reading<'p>) -> Vec<Kept> {
    let mut all = Vec::new();
    for shape in shapes {
        let mut sent = Vec::with_capacity(shape.fields.len());
        let mut kept = Vec::with_capacity(shape.fields.len());
        for field in &shape.fields {
            let at = Where::Root.field(&field.wire);
            let mark = reading.mark();
            let mut values = request.values(&field.wire);
            let first = values.next();
            sent.push(first.is_some());
            kept.push(match (first, values.next()) {
                (None, _) => Kept::Absent,
                (Some(value), None) => match crate::request::text(value) {
                    Some(text) => reading.plain(&field.rule, text, &at, field.span),
                    None => reading.fault(&at, field.span, "must be text"),
                },
                (Some(_), Some(_)) => reading.fault(&at, field.span, "must stand once"),
            });
            reading.settle(mark, field, &at);
        }
        reading.complete(shape, &mut kept, &sent, &Where::Root);
        all.extend(kept);
    }
    all
}

fn read_body<'p>(body: Option<&[u8]>, declared: &'p Body, reading: &mut Reading<'p>) -> Vec<Kept> {
    let Some(bytes) = body else {
        reading.fault(&Where::Root, declared.span, "a body is required");
        return Vec::new();
    };
    match &declared.kind {
        BodyKind::Json(shape) => json::read(bytes, shape, declared.span, reading),
        BodyKind::Form(shape) => match std::str::from_utf8(bytes) {
            Ok(text) => pairs::read(text, std::slice::from_ref(shape), reading),
            Err(_) => {
                reading.fault(&Where::Root, declared.span, "must be UTF-8");
                Vec::new()
            }
        },
        // Bytes that are not looked into stay with the service.
        BodyKind::Raw { .. } => Vec::new(),
    }
}
