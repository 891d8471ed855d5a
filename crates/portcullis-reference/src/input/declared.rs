//! What a route declares of its sources: the fields, and what is asked of them together.

use portcullis_syntax::ast::{self, BodyKind, Check, Field, InputSource, Rules, Shape, Takes};

use crate::policy::Policy;
use crate::route::Route;

/// The fields of an input, or of a block of fields, which has neither rules nor checks.
#[derive(Clone)]
pub(crate) struct Declared {
    pub(crate) fields: Vec<Field>,
    pub(super) rules: Vec<Rules>,
    pub(super) checks: Vec<Check>,
}

/// The body that a route takes.
#[derive(Clone)]
pub(crate) enum Body {
    Json(Declared),
    Form(Declared),
    Raw { max: ast::Value, types: Option<ast::Value> },
}

impl Policy {
    pub(crate) fn declared(&self, shape: &Shape) -> Declared {
        match shape {
            Shape::Named(name) => self.input(&name.node).expect("compiled"),
            Shape::Fields(fields) => {
                Declared { fields: fields.clone(), rules: Vec::new(), checks: Vec::new() }
            }
        }
    }

    pub(crate) fn declared_body(&self, kind: &BodyKind) -> Body {
        match kind {
            BodyKind::Json(shape) => Body::Json(self.declared(shape)),
            BodyKind::Form(shape) => Body::Form(self.declared(shape)),
            BodyKind::Raw { max, types } => Body::Raw { max: max.clone(), types: types.clone() },
        }
    }

    /// The input of a name, if it is one's.
    pub(super) fn input(&self, name: &str) -> Option<Declared> {
        let input = self.inputs.iter().find(|input| input.name.node == name)?;
        Some(Declared {
            fields: input.fields.clone(),
            rules: input.rules.clone(),
            checks: input.checks.clone(),
        })
    }
}

impl Route {
    /// What is declared of a source: by the groups around the route, and by itself.
    pub(crate) fn takes(&mut self, takes: &Takes) -> &mut Vec<Declared> {
        match takes.source {
            InputSource::Params => &mut self.params,
            InputSource::Query => {
                self.query_span = Some(takes.span);
                &mut self.query
            }
            InputSource::Header => &mut self.header,
        }
    }

    /// The field that `params.x`, `query.x`, `header.x` or `body.x` reads.
    pub(crate) fn field(&self, source: &str, name: &str) -> Option<&Field> {
        let declared: Vec<&Declared> = match (source, &self.body) {
            ("params", _) => self.params.iter().collect(),
            ("query", _) => self.query.iter().collect(),
            ("header", _) => self.header.iter().collect(),
            ("body", Some((Body::Json(fields) | Body::Form(fields), _))) => vec![fields],
            _ => return None,
        };
        let mut fields = declared.into_iter().flat_map(|declared| &declared.fields);
        fields.find(|field| field.name.node == name)
    }
}
