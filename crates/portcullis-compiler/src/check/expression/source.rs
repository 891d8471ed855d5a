//! Values by where they come from: the caller, the request, what it brings, an object.

use portcullis_syntax::ast;
use portcullis_syntax::{Code, Diagnostic};

use super::super::guard::Presence;
use super::super::input::Declared;
use super::{CallerPresence, Checker, Kind, REQUEST, Typed, text};
use crate::plan::{ClaimType, Operand, RequestField, Type};

/// The index of no resource: an object of an input has attributes for no condition.
const NO_RESOURCE: usize = usize::MAX;

impl Checker<'_, '_> {
    pub(super) fn caller(&mut self, name: &str, path: &ast::Path) -> Option<Typed> {
        let callers = self.scope.caller;
        let accepted = |index: &usize| match (callers.presence, callers.accepted) {
            (CallerPresence::Never, _) | (_, None) => true,
            (_, Some(accepted)) => accepted.contains(index),
        };
        let credentials: Vec<_> = self
            .table
            .credentials
            .iter()
            .enumerate()
            .filter(|(index, _)| accepted(index))
            .map(|(_, credential)| credential)
            .collect();
        let slot_of = |claim: &crate::plan::Claim| {
            let attribute = self.table.caller.get(claim.attribute)?;
            (attribute.name == name).then_some(claim.attribute)
        };
        let claims = credentials.iter().flat_map(|credential| &credential.claims);
        // What none of them has is absent, where another credential of the policy has it: a group,
        // a budget or a resource speaks of it for other routes.
        let elsewhere = self.table.credentials.iter().flat_map(|credential| &credential.claims);
        let Some(slot) = claims.chain(elsewhere).find_map(slot_of) else {
            let known: Vec<_> = credentials
                .iter()
                .flat_map(|credential| &credential.claims)
                .filter_map(|claim| self.table.caller.get(claim.attribute))
                .map(|attribute| attribute.name.clone())
                .collect();
            self.no_field(
                "the caller has no attribute",
                name,
                path,
                known.iter().map(String::as_str),
            );
            return None;
        };
        // A credential that lacks it makes it optional, but not where any credential may be meant.
        let may_lack = credentials.iter().any(|credential| {
            match credential.claims.iter().find(|claim| claim.attribute == slot) {
                Some(claim) => claim.optional,
                None => callers.accepted.is_some(),
            }
        });
        let ClaimType::Plain(kind) = &self.table.caller.get(slot)?.kind else {
            let message = format!("`caller.{name}` is no value");
            self.report.add(
                Diagnostic::error(Code::TypeMismatch, path.span, message)
                    .label("what the caller is and may do is asked by `is` and `can`")
                    .help("write `caller is ROLE` or `caller can PERMISSION`"),
            );
            return None;
        };
        let kind = Kind::Plain(kind.clone());
        // Any caller may come to an action: one attribute is then two in a plan.
        let has = |claim: &crate::plan::Claim| slot_of(claim).is_some_and(|known| known != slot);
        let types = credentials.iter().flat_map(|credential| &credential.claims);
        if self.scope.no_request && types.into_iter().any(has) {
            let message = format!("`caller.{name}` has two types in the credentials of the policy");
            self.report.add(
                Diagnostic::error(Code::TypeMismatch, path.span, message)
                    .label("any of their callers may do the action")
                    .help("give it one type, or two names"),
            );
            return None;
        }
        let operand = Operand::Caller(slot);
        let mut absent = Vec::new();
        if callers.presence != CallerPresence::Always {
            absent.push(Presence::Caller);
        }
        if may_lack {
            absent.push(Presence::Value(operand.clone()));
        }
        Some(Typed { operand, kind, absent, span: path.span })
    }

    pub(super) fn request(&mut self, name: &str, path: &ast::Path) -> Option<Typed> {
        if self.scope.no_request {
            self.report.add(
                Diagnostic::error(Code::UnknownName, path.span, "an action has no request")
                    .help("ask it of the route that does the action"),
            );
            return None;
        }
        if let Some((_, field, kind)) = REQUEST.iter().find(|(known, ..)| *known == name) {
            let operand = Operand::Request(*field);
            let mut absent = Vec::new();
            if *field == RequestField::Origin {
                self.report.reads_origin = true;
                absent.push(Presence::Value(operand.clone()));
            }
            return Some(Typed { operand, kind: kind.clone(), absent, span: path.span });
        }
        let known = REQUEST.iter().map(|(name, ..)| *name);
        self.no_field("a request has no", name, path, known);
        None
    }

    pub(super) fn field(
        &mut self,
        name: &str,
        path: &ast::Path,
        fields: Option<&[Declared]>,
        lacks: &str,
        operand: fn(usize) -> Operand,
    ) -> Option<Typed> {
        let Some(fields) = fields else {
            let source = path.segments.first().map_or("", |first| first.node.as_str());
            self.report.add(
                Diagnostic::error(
                    Code::UnknownName,
                    path.span,
                    format!("no `{source}` is known here"),
                )
                .help(format!("state it with `{source} INPUT`")),
            );
            return None;
        };
        let Some(slot) = fields.iter().position(|field| field.name == name) else {
            let known = fields.iter().map(|field| field.name.as_str());
            self.no_field(&format!("the {lacks}"), name, path, known);
            return None;
        };
        let field = fields.get(slot)?;
        let operand = operand(slot);
        let absent = if field.optional { vec![Presence::Value(operand.clone())] } else { vec![] };
        // Of what holds objects a condition asks only whether it is there, as of a nested object.
        let kind = field.kind.clone().unwrap_or(Type::Resource(NO_RESOURCE));
        Some(Typed { operand, kind: Kind::Plain(kind), absent, span: path.span })
    }

    pub(super) fn secret(&mut self, path: &ast::Path) {
        self.report.add(
            Diagnostic::error(Code::Secret, path.span, format!("`{}` is secret", text(path)))
                .label("no condition may read it")
                .help("decide by another attribute"),
        );
    }

    /// An attribute of an object, or of one that is nested in it.
    pub(super) fn attribute(
        &mut self,
        bound: super::Bound,
        names: &[ast::Name],
        path: &ast::Path,
    ) -> Option<Typed> {
        let mut bound = bound;
        let mut absent = Vec::new();
        let mut names = names.iter();
        loop {
            let name = names.next()?;
            let resource = &self.table.resources.get(bound.resource)?.plan;
            let Some(slot) = resource.attributes.iter().position(|known| known.name == name.node)
            else {
                if names.len() == 0 && self.names_predicate(path) {
                    self.no_value(path);
                    return None;
                }
                let message =
                    format!("resource `{}` has no attribute `{}`", resource.name, name.node);
                let known: Vec<_> =
                    resource.attributes.iter().map(|known| known.name.clone()).collect();
                self.report.add(
                    Diagnostic::error(Code::UnknownName, name.span, message)
                        .did_you_mean(&name.node, known.iter().map(String::as_str)),
                );
                return None;
            };
            let attribute = resource.attributes.get(slot)?;
            if attribute.secret {
                self.secret(path);
                return None;
            }
            let operand = Operand::Object(bound.place(slot));
            if attribute.optional {
                absent.push(Presence::Value(operand.clone()));
            }
            if names.len() == 0 {
                let kind = Kind::Plain(attribute.kind.clone());
                return Some(Typed { operand, kind, absent, span: path.span });
            }
            let Type::Resource(nested) = attribute.kind else {
                self.report.add(Diagnostic::error(
                    Code::TypeMismatch,
                    path.span,
                    format!("`{}` is no object and has no attributes", name.node),
                ));
                return None;
            };
            bound = bound.nested(nested, slot);
        }
    }
}
