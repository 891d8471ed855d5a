//! Predicates, written out where they are named: what they read stands elsewhere on each route.

use portcullis_syntax::ast;
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::guard::{Known, Presence};
use super::super::resource::Predicate;
use super::super::types::is_ambiguous;
use super::Checker;
use super::scope::{Bound, Scope};
use crate::plan::{Condition, Operand, Type};

/// What a path means where it names a predicate.
pub(super) struct Named<'t> {
    bound: Bound,
    place: (usize, usize),
    predicate: Predicate<'t>,
    way: Way,
}

/// What is met on the way to a nested object.
#[derive(Default)]
struct Way {
    /// What has to be there for the object to be.
    absent: Vec<Presence>,
    /// Whether one of the attributes is secret.
    secret: bool,
}

impl<'t> Checker<'_, 't> {
    /// A predicate, where a path names one: then what it asks, or nothing after a fault. A predicate
    /// of a nested object that may be absent is guarded like any value.
    pub(super) fn predicate(
        &mut self,
        path: &ast::Path,
        known: &Known,
    ) -> Option<Option<Condition>> {
        let mut found = self.predicates(path);
        let named = match found.len() {
            0 => return None,
            1 => found.pop()?,
            _ => {
                let name = path.segments.last().map_or("", |name| name.node.as_str());
                self.report.add(
                    Diagnostic::error(
                        Code::Ambiguous,
                        path.span,
                        format!("`{name}` is a predicate of two objects here"),
                    )
                    .help(format!("say of which: `RESOURCE.{name}`")),
                );
                return Some(None);
            }
        };
        if let [only] = path.segments.as_slice()
            && self.table.settings.constant(&only.node).is_some()
        {
            let meanings = [(true, "a setting"), (true, "a predicate")];
            is_ambiguous(&only.node, path.span, &meanings, self.report);
            return Some(None);
        }
        if named.way.secret {
            self.secret(path);
            return Some(None);
        }
        if !self.scope.assumed && !named.way.absent.iter().all(|presence| known.has(presence)) {
            let of = path.segments.split_last().map_or(&[] as &[_], |(_, of)| of);
            let of = of.iter().map(|name| name.node.as_str()).collect::<Vec<_>>().join(".");
            let message = format!("`{of}` may be absent");
            self.report.add(
                Diagnostic::error(Code::MayBeAbsent, path.span, message)
                    .label("nothing here says that it is there")
                    .help(format!("write `exists {of} and …`")),
            );
            return Some(None);
        }
        Some(self.written_out(&named, path.span, known))
    }

    /// Whether a path names a predicate.
    pub(super) fn names_predicate(&self, path: &ast::Path) -> bool {
        !self.predicates(path).is_empty()
    }

    fn predicates(&self, path: &ast::Path) -> Vec<Named<'t>> {
        let Some((name, before)) = path.segments.split_last() else {
            return Vec::new();
        };
        let bounds: Vec<(Bound, Way)> = match before.split_first() {
            None => {
                let here = self.scope.objects.iter();
                here.map(|bound| (bound.clone(), Way::default())).collect()
            }
            Some((of, nested)) => {
                self.bound(of).and_then(|bound| self.descend(bound, nested)).into_iter().collect()
            }
        };
        let named = bounds.into_iter().filter_map(|(bound, way)| {
            let resource = self.table.resources.get(bound.resource)?;
            let index = *resource.by_name.get(name.node.as_str())?;
            let predicate = *resource.predicates.get(index)?;
            Some(Named { place: (bound.resource, index), bound, predicate, way })
        });
        named.collect()
    }

    /// The object that a name stands for.
    pub(super) fn bound(&self, name: &ast::Name) -> Option<Bound> {
        let found = self.scope.objects.iter().find(|bound| {
            let resource = self.table.resources.get(bound.resource);
            resource.is_some_and(|resource| resource.plan.name == name.node)
        });
        found.cloned()
    }

    /// The object at the end of nested attributes, and what is met on the way.
    fn descend(&self, bound: Bound, names: &[ast::Name]) -> Option<(Bound, Way)> {
        let mut bound = bound;
        let mut way = Way::default();
        for name in names {
            let attributes = &self.table.resources.get(bound.resource)?.plan.attributes;
            let slot = attributes.iter().position(|known| known.name == name.node)?;
            let attribute = attributes.get(slot)?;
            let Type::Resource(resource) = attribute.kind else {
                return None;
            };
            if attribute.optional {
                way.absent.push(Presence::Value(Operand::Object(bound.place(slot))));
            }
            way.secret |= attribute.secret;
            bound = bound.nested(resource, slot);
        }
        Some((bound, way))
    }

    /// What a predicate asks, as if it stood here: under what is known here, and where what it reads
    /// stands here.
    fn written_out(&mut self, named: &Named<'t>, place: Span, known: &Known) -> Option<Condition> {
        if let Some(first) = self.within.iter().position(|place| *place == named.place) {
            self.cycle(first);
            return None;
        }
        let bounds = [named.bound.clone()];
        let scope = Scope {
            caller: self.scope.caller,
            route: self.scope.route,
            no_request: self.scope.no_request,
            of_object: true,
            objects: &bounds,
            ..Scope::default()
        };
        let mut within = self.within.clone();
        within.push(named.place);
        let (written, polarity) = (self.written, self.polarity);
        let mut checker = Checker {
            table: self.table,
            scope,
            report: self.report,
            within,
            asked: self.asked.or(Some(place)),
            written,
            polarity,
            reads_nobody: false,
        };
        let found = checker.boolean(named.predicate.expression, known);
        self.written = checker.written;
        found.map(|(condition, _)| condition)
    }

    /// Reports a cycle of the predicates that are being written out, the `first` of them on. It is
    /// found from each of its members, and told from one of them, always in the same words.
    fn cycle(&mut self, first: usize) {
        let mut places = self.within.get(first..).unwrap_or_default().to_vec();
        let least = places.iter().enumerate().min_by_key(|(_, place)| **place);
        let least = least.map_or(0, |(index, _)| index);
        places.rotate_left(least);
        let names: Vec<&ast::Name> = places
            .iter()
            .filter_map(|(resource, index)| {
                let resource = self.table.resources.get(*resource)?;
                Some(resource.predicates.get(*index)?.name)
            })
            .collect();
        let Some((name, others)) = names.split_first() else {
            return;
        };
        let message = format!("predicate `{}` asks itself", name.node);
        let fault = Diagnostic::error(Code::Cycle, name.span, message);
        let fault =
            others.iter().fold(fault, |fault, other| fault.and(other.span, "by way of this"));
        self.report.add(fault.help("write out what it asks"));
    }

    /// Checks a predicate where it is declared.
    pub(in crate::check) fn predicate_itself(
        &mut self,
        bounds: &[Bound],
        predicate: Predicate<'t>,
    ) {
        let Some(bound) = bounds.first() else {
            return;
        };
        let resource = self.table.resources.get(bound.resource);
        let index = resource.and_then(|resource| {
            resource.predicates.iter().position(|known| known.name.span == predicate.name.span)
        });
        if let Some(index) = index {
            self.within.push((bound.resource, index));
            self.boolean(predicate.expression, &Known::default());
            self.within.pop();
        }
    }
}

/// Whether one of the paths of an expression is of a kind.
pub(in crate::check) fn mentions(
    expression: &ast::Expression,
    is: &impl Fn(&ast::Path) -> bool,
) -> bool {
    use ast::ExpressionKind as E;
    match &expression.node {
        E::And(all) | E::Or(all) | E::List(all) => all.iter().any(|inner| mentions(inner, is)),
        E::Not(inner) | E::Is(inner, _) | E::Can(inner, _) => mentions(inner, is),
        E::Exists(path) | E::Path(path) => is(path),
        E::Else(left, right)
        | E::Compare(_, left, right)
        | E::In(left, right)
        | E::Within(left, right)
        | E::OlderThan(left, right) => mentions(left, is) || mentions(right, is),
        E::Literal(_) => false,
    }
}
