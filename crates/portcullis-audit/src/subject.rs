//! The policy that a page is about, with what every section looks up.

use std::collections::HashMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{
    Access, Charge, Constant, Content, EnvelopeField, Operand, Plan, RequestField, Returned, Route,
    Shape, Stage, Type, ViewOf,
};
use portcullis_syntax::Span;
use portcullis_syntax::ast::{self, GroupClause, Item, RouteClause};

use crate::document::Text;
use crate::matrix::Matrix;
use crate::places::Places;

/// A policy under one profile.
pub(crate) struct Subject<'c> {
    pub(crate) compilation: &'c Compilation,
    pub(crate) plan: &'c Plan,
    pub(crate) name: &'c str,
    pub(crate) places: Places<'c>,
    pub(crate) matrix: Matrix,
    /// The routes as written, by their heads.
    written: HashMap<Span, &'c ast::Route>,
    /// The wire names of each view, by resource and view.
    wires: Vec<Vec<Vec<String>>>,
}

impl<'c> Subject<'c> {
    pub(crate) fn new(compilation: &'c Compilation, plan: &'c Plan, name: &'c str) -> Subject<'c> {
        let mut written = HashMap::new();
        for item in compilation.files.iter().flat_map(|file| &file.items) {
            match item {
                Item::Route(route) => keep(route, &mut written),
                Item::Group(group) => keep_all(group, &mut written),
                _ => {}
            }
        }
        let views = |resource: usize, count: usize| {
            (0..count).map(move |view| wire_names(plan, ViewOf { resource, view }, 0)).collect()
        };
        let resources = plan.resources.iter().enumerate();
        Subject {
            compilation,
            plan,
            name,
            places: Places::new(&compilation.sources),
            matrix: Matrix::new(plan),
            written,
            wires: resources.map(|(index, found)| views(index, found.views.len())).collect(),
        }
    }

    /// The declarations of all files.
    pub(crate) fn items(&self) -> impl Iterator<Item = &'c Item> + use<'c> {
        self.compilation.files.iter().flat_map(|file| &file.items)
    }

    /// The clauses of a route, as written.
    pub(crate) fn clauses(&self, route: &Route) -> &'c [RouteClause] {
        self.written.get(&route.span).map_or(&[], |found| found.clauses.as_slice())
    }

    pub(crate) fn resource(&self, index: usize) -> &'c str {
        self.plan.resources.get(index).map_or("", |found| found.name.as_str())
    }

    pub(crate) fn budget(&self, charge: &Charge) -> &'c str {
        self.plan.budgets.get(charge.budget).map_or("", |found| found.name.as_str())
    }

    pub(crate) fn permission(&self, index: usize) -> &'c str {
        self.plan.permissions.get(index).map_or("", String::as_str)
    }

    /// A clause in its author's words, with its place.
    pub(crate) fn clause(&self, span: Span) -> Text {
        Text::default().code(self.places.words(span)).words(" ").place(self.places.place(span))
    }

    /// A name of the policy, with its place.
    pub(crate) fn named(&self, name: &str, span: Span) -> Text {
        Text::default().code(name).words(" ").place(self.places.place(span))
    }

    pub(crate) fn route(&self, route: &Route) -> Text {
        Text::default().code(head(route))
    }

    pub(crate) fn placed(&self, route: &Route) -> Text {
        self.named(&head(route), route.span)
    }

    pub(crate) fn view(&self, view: ViewOf) -> String {
        let found = self.plan.resources.get(view.resource);
        let name = found.and_then(|found| found.views.get(view.view)).map_or("", |view| &view.name);
        format!("{}.{name}", self.resource(view.resource))
    }

    /// What leaves by a view, as the outside calls it; the fields of a nested object behind its name.
    pub(crate) fn wires(&self, view: ViewOf) -> &[String] {
        let found = self.wires.get(view.resource).and_then(|views| views.get(view.view));
        found.map_or(&[], Vec::as_slice)
    }

    /// What a route's answer is made of.
    pub(crate) fn returned(&self, returned: &Returned) -> Text {
        let text = Text::default();
        match returned {
            Returned::View(view) => text.code(self.view(*view)),
            Returned::List(view) => text.code(format!("[{}]", self.view(*view))),
            Returned::Envelope(fields) => {
                let fields = fields.iter().map(|field| self.enveloped(field));
                text.code(format!("{{ {} }}", fields.collect::<Vec<_>>().join(" ")))
            }
            Returned::Nothing => text.words("nothing"),
            Returned::Opaque => text.words("whatever the handler answers"),
        }
    }

    fn enveloped(&self, field: &EnvelopeField) -> String {
        let name = &field.name;
        match &field.content {
            Content::View(view) => format!("{name}: {}", self.view(*view)),
            Content::List(view) => format!("{name}: [{}]", self.view(*view)),
            Content::Plain(kind) => format!("{name}: {}", self.kind(kind)),
        }
    }

    /// A type as the language writes it.
    pub(crate) fn kind(&self, kind: &Type) -> String {
        let name = match kind {
            Type::String => "string",
            Type::Int => "int",
            Type::Number => "number",
            Type::Bool => "bool",
            Type::Time => "time",
            Type::Duration => "duration",
            Type::Ip => "ip",
            Type::Network => "network",
            Type::Uuid => "uuid",
            Type::Url => "url",
            Type::Enumeration(index) => {
                self.plan.enumerations.get(*index).map_or("", |found| found.name.as_str())
            }
            Type::Resource(index) => self.resource(*index),
            Type::List(element) => return format!("[{}]", self.kind(element)),
        };
        name.to_owned()
    }

    /// A value that a key reads, as the language writes it.
    pub(crate) fn operand(&self, route: &Route, operand: &Operand) -> String {
        let field = |source: &str, name: Option<&str>| format!("{source}.{}", name.unwrap_or(""));
        let of = |shapes: &[Shape], slot: usize| {
            let mut fields = shapes.iter().flat_map(|shape| &shape.fields);
            fields.nth(slot).map(|field| field.name.clone())
        };
        match operand {
            Operand::Caller(slot) => {
                let found = self.plan.caller.get(*slot);
                field("caller", found.map(|attribute| attribute.name.as_str()))
            }
            Operand::Request(part) => field(
                "request",
                Some(match part {
                    RequestField::Method => "method",
                    RequestField::Path => "path",
                    RequestField::Host => "host",
                    RequestField::Ip => "ip",
                    RequestField::Origin => "origin",
                }),
            ),
            Operand::Parameter(slot) => {
                let found = route.params.get(*slot);
                field("params", found.map(|parameter| parameter.field.name.as_str()))
            }
            Operand::Query(slot) => field("query", of(&route.query, *slot).as_deref()),
            Operand::Header(slot) => field("header", of(&route.header, *slot).as_deref()),
            Operand::Body(slot) => {
                let found = route.body.as_ref().and_then(|body| body.field(*slot));
                field("body", found.map(|field| field.name.as_str()))
            }
            Operand::Object(_) => "an attribute".to_owned(),
            Operand::Now => "now".to_owned(),
            Operand::Constant(Constant::Text(text)) => format!("\"{text}\""),
            Operand::Constant(_) => "a constant".to_owned(),
            // Where nobody is a caller, only the second is ever there.
            Operand::Else(first, second)
                if route.access == Access::Public && matches!(**first, Operand::Caller(_)) =>
            {
                self.operand(route, second)
            }
            Operand::Else(first, second) => {
                format!("{} else {}", self.operand(route, first), self.operand(route, second))
            }
        }
    }
}

/// What a route charges, with the stage at which it does.
pub(crate) fn charges(route: &Route) -> impl Iterator<Item = (Stage, &Charge)> {
    route
        .stages()
        .flat_map(|(stage, checks)| checks.charges.iter().map(move |found| (stage, found)))
}

pub(crate) fn head(route: &Route) -> String {
    format!("{} {}", route.method, route.pattern)
}

/// Whether a request to it changes something (RFC 9110, 9.2.1).
pub(crate) fn writes(route: &Route) -> bool {
    route.method != "GET" && route.retired.is_none()
}

/// Routes that answer.
pub(crate) fn open(plan: &Plan) -> impl Iterator<Item = &Route> {
    plan.routes.iter().filter(|route| route.retired.is_none())
}

/// A length of time as the language writes it; seconds where no larger unit fits.
pub(crate) fn duration(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let unit = units.iter().find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size));
    unit.map_or_else(|| format!("{seconds}s"), |(size, unit)| format!("{}{unit}", seconds / size))
}

/// A number of bytes as the language writes it.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.iter().find(|(size, _)| bytes > 0 && bytes.is_multiple_of(*size));
    unit.map_or_else(|| format!("{bytes} bytes"), |(size, unit)| format!("{}{unit}", bytes / size))
}

/// `1 route`, `2 routes`
pub(crate) fn several(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn keep<'c>(route: &'c ast::Route, written: &mut HashMap<Span, &'c ast::Route>) {
    written.insert(route.method.span.to(route.pattern.span), route);
}

/// Nesting is bounded by the grammar.
fn keep_all<'c>(group: &'c ast::Group, written: &mut HashMap<Span, &'c ast::Route>) {
    for clause in &group.clauses {
        match clause {
            GroupClause::Route(route) => keep(route, written),
            GroupClause::Group(inner) => keep_all(inner, written),
            _ => {}
        }
    }
}

/// How deep views of nested objects are followed; the compiler lets none be deeper.
const DEEPEST: usize = 32;

fn wire_names(plan: &Plan, view: ViewOf, depth: usize) -> Vec<String> {
    let resource = plan.resources.get(view.resource);
    let found = resource.and_then(|resource| resource.views.get(view.view));
    let (Some(resource), Some(found)) = (resource, found) else { return Vec::new() };
    let mut names = Vec::new();
    for field in &found.fields {
        let kind = resource.attributes.get(field.attribute).map(|attribute| &attribute.kind);
        match (field.view, kind.and_then(object)) {
            (Some(view), Some(resource)) if depth < DEEPEST => {
                let inner = wire_names(plan, ViewOf { resource, view }, depth + 1);
                names.extend(inner.into_iter().map(|name| format!("{}.{name}", field.wire)));
            }
            _ => names.push(field.wire.clone()),
        }
    }
    names
}

/// The resource of a nested object or of a list of them.
pub(crate) fn object(kind: &Type) -> Option<usize> {
    match kind {
        Type::Resource(index) => Some(*index),
        Type::List(element) => object(element),
        _ => None,
    }
}
