//! Values in conditions: paths, literals, bare names, `else`.

use portcullis_syntax::ast::{self, ExpressionKind, Literal};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::guard::{Known, Presence};
use super::super::types::is_ambiguous;
use super::literal::constant;
use super::{CallerPresence, Checker, Kind, Typed, text};
use crate::plan::{Constant, Credential, Operand, Type};

impl Checker<'_, '_> {
    /// Whether the type of an expression depends on what stands beside it.
    pub(super) fn takes_its_type(&self, expression: &ast::Expression) -> bool {
        match &expression.node {
            ExpressionKind::Literal(_) => true,
            ExpressionKind::Path(path) => {
                matches!(path.segments.as_slice(), [only] if only.node != "now")
            }
            _ => false,
        }
    }

    /// A value that is there, or a fault that says how to guard it.
    pub(super) fn present(
        &mut self,
        expression: &ast::Expression,
        expected: Option<&Kind>,
        known: &Known,
    ) -> Option<Typed> {
        let value = self.value(expression, expected)?;
        let mut missing = value.absent.iter().filter(|presence| !known.has(presence)).peekable();
        if !self.scope.assumed && missing.peek().is_some() {
            let name = match &expression.node {
                ExpressionKind::Path(path) => text(path),
                _ => "this".to_owned(),
            };
            if self.is_in_predicate() && missing.all(|presence| *presence == Presence::Caller) {
                return self.of_nobody(&name, value);
            }
            if self.scope.caller.presence == CallerPresence::Never
                && matches!(value.operand, Operand::Caller(_))
            {
                self.never_there(&name, value.span);
            } else {
                self.may_be_absent(&value, &name);
            }
            return None;
        }
        Some(value)
    }

    fn may_be_absent(&mut self, value: &Typed, name: &str) {
        let message = format!("`{name}` may be absent");
        let fault = Diagnostic::error(Code::MayBeAbsent, value.span, message)
            .label("nothing here says that it is there")
            .help(format!("write `exists {name} and …`, or `{name} else …`"));
        match self.lacking(&value.operand) {
            Some(credential) => self.add_on_route(
                fault,
                &format!("this route takes the credential `{credential}`, which has none"),
            ),
            None => self.report.add(fault),
        }
    }

    /// A credential accepted here that has no such attribute of the caller at all.
    fn lacking(&self, operand: &Operand) -> Option<String> {
        let Operand::Caller(slot) = operand else {
            return None;
        };
        let accepted = self.scope.caller.accepted?.iter();
        let mut credentials = accepted.filter_map(|index| self.table.credentials.get(*index));
        let lacks = |credential: &&Credential| {
            !credential.claims.iter().any(|claim| claim.attribute == *slot)
        };
        credentials.find(lacks).map(|credential| credential.name.clone())
    }

    /// Adds a fault that is so on this route, and perhaps on others: the first of them says enough,
    /// as what a group or a resource says is asked on many.
    pub(super) fn add_on_route(&mut self, fault: Diagnostic, why: &str) {
        let same = |known: &Diagnostic| {
            let mut places = known.labels.iter().zip(&fault.labels);
            known.message == fault.message && places.all(|(a, b)| a.span == b.span)
        };
        if !self.report.diagnostics.iter().any(same) {
            self.report.add(match self.scope.route {
                Some(route) => fault.and(route, why),
                None => fault,
            });
        }
    }

    fn never_there(&mut self, name: &str, span: Span) {
        self.report.add(
            Diagnostic::error(
                Code::MayBeAbsent,
                span,
                format!("`{name}` is never there on a `public` route"),
            )
            .help("a `public` route ignores credentials; `public optional` takes one"),
        );
    }

    /// A value of one type that is there.
    pub(super) fn of_type(
        &mut self,
        expression: &ast::Expression,
        expected: &Type,
        known: &Known,
    ) -> Option<Typed> {
        let expected = Kind::Plain(expected.clone());
        let value = self.present(expression, Some(&expected), known)?;
        if value.kind == expected {
            return Some(value);
        }
        let (wanted, found) = (self.describe(&expected), self.describe(&value.kind));
        self.report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                value.span,
                format!("expected `{wanted}`, found `{found}`"),
            )
            .label(format!("this is `{found}`")),
        );
        None
    }

    fn value(&mut self, expression: &ast::Expression, expected: Option<&Kind>) -> Option<Typed> {
        let span = expression.span;
        match &expression.node {
            ExpressionKind::Literal(literal) => self.literal(literal, expected, span),
            ExpressionKind::Path(path) => self.path(path, expected),
            ExpressionKind::Else(first, second) => {
                let first = self.value(first, expected)?;
                let second = self.value(second, Some(&first.kind.clone()))?;
                // What a group says holds for routes too where the caller may be absent.
                if first.absent.is_empty() && !matches!(first.operand, Operand::Caller(_)) {
                    self.report.add(
                        Diagnostic::error(Code::TypeMismatch, first.span, "this is always there")
                            .help("take the `else` away"),
                    );
                    return None;
                }
                let absent = second.absent.clone();
                let (first, second) = self.same(first, second)?;
                Some(Typed {
                    kind: first.kind,
                    operand: Operand::Else(Box::new(first.operand), Box::new(second.operand)),
                    absent,
                    span,
                })
            }
            ExpressionKind::List(_) => {
                let fault =
                    Diagnostic::error(Code::TypeMismatch, span, "a list is no single value");
                self.report.add(fault.help("ask whether a value is `in` it"));
                None
            }
            _ => {
                self.report.add(Diagnostic::error(
                    Code::TypeMismatch,
                    span,
                    "expected a value, found a condition",
                ));
                None
            }
        }
    }

    fn literal(&mut self, literal: &Literal, expected: Option<&Kind>, span: Span) -> Option<Typed> {
        let expected = match expected {
            Some(Kind::Plain(kind)) => Some(kind),
            _ => None,
        };
        let (constant, kind) = constant(literal, expected, span, self.report)?;
        Some(Typed::there(Operand::Constant(constant), Kind::Plain(kind), span))
    }

    /// `caller.id`, `order.status`, `paid`, `now`
    pub(super) fn path(&mut self, path: &ast::Path, expected: Option<&Kind>) -> Option<Typed> {
        let mut found = self.named(path, expected)?;
        // What is always there on one route may be absent on the next that an invariant speaks of.
        if self.scope.assumed && !matches!(found.operand, Operand::Constant(_) | Operand::Now) {
            found.absent.push(Presence::Value(found.operand.clone()));
        }
        Some(found)
    }

    fn named(&mut self, path: &ast::Path, expected: Option<&Kind>) -> Option<Typed> {
        let segments = path.segments.iter().map(|name| name.node.as_str()).collect::<Vec<_>>();
        let fields = self.scope.fields;
        if let [source @ ("params" | "query" | "header" | "body"), _] = segments.as_slice()
            && self.scope.of_object
        {
            let message = format!("no `{source}` is known to a resource");
            self.report.add(
                Diagnostic::error(Code::UnknownName, path.span, message)
                    .help("it speaks of the object and the caller; ask the rest on the route"),
            );
            return None;
        }
        match segments.as_slice() {
            ["now"] => Some(Typed::there(Operand::Now, Kind::Plain(Type::Time), path.span)),
            ["caller", name] => self.caller(name, path),
            ["request", name] => self.request(name, path),
            ["params", name] => self.field(
                name,
                path,
                Some(fields.params),
                "path has no parameter",
                Operand::Parameter,
            ),
            ["query", name] => {
                self.field(name, path, fields.query, "query has no field", Operand::Query)
            }
            ["header", name] => {
                self.field(name, path, fields.header, "header has no field", Operand::Header)
            }
            ["body", name] => {
                self.field(name, path, fields.body, "body has no field", Operand::Body)
            }
            [name] => self.bare(name, path, expected),
            [..] => match path.segments.split_first().and_then(|(of, rest)| {
                let bound = self.bound(of)?;
                Some((bound, rest))
            }) {
                Some((bound, rest)) => self.attribute(bound, rest, path),
                None => {
                    self.unknown(path);
                    None
                }
            },
        }
    }

    /// A name by itself: a value of the enum beside it, or a setting.
    fn bare(&mut self, name: &str, path: &ast::Path, expected: Option<&Kind>) -> Option<Typed> {
        if self.table.settings.is_unknown(name) {
            self.report.unknown(path.span);
        }
        let setting = match self.table.settings.constant(name) {
            Some(Some((constant, kind))) => Some(Typed::there(
                Operand::Constant(constant.clone()),
                Kind::Plain(kind.clone()),
                path.span,
            )),
            // One with a fault has been reported; a size is compared with nothing.
            Some(None) => Some(Typed::there(Operand::Now, Kind::Uncompared, path.span)),
            None => None,
        };
        let beside = match expected {
            Some(Kind::Plain(Type::Enumeration(index))) => {
                self.table.enumerations.get(*index).map(|found| (*index, found))
            }
            _ => None,
        };
        let member = beside.and_then(|(index, found)| {
            let member = found.members.iter().position(|(known, _)| known == name)?;
            Some(Typed::there(
                Operand::Constant(Constant::Member(member)),
                Kind::Plain(Type::Enumeration(index)),
                path.span,
            ))
        });
        let meanings = [
            (member.is_some(), "a value of the enum"),
            (setting.is_some(), "a setting"),
            (self.names_predicate(path), "a predicate"),
        ];
        if is_ambiguous(name, path.span, &meanings, self.report) {
            return None;
        }
        if let Some(found) = member.or(setting) {
            return Some(found);
        }
        if let Some((_, enumeration)) = beside {
            let message = format!("enum `{}` has no value", enumeration.name);
            let known =
                enumeration.members.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            self.no_field(&message, name, path, known.iter().map(String::as_str));
        } else if self.names_predicate(path) {
            self.no_value(path);
        } else {
            self.unknown(path);
        }
        None
    }

    /// A predicate where a value is expected.
    pub(super) fn no_value(&mut self, path: &ast::Path) {
        let name = text(path);
        let message = format!("`{name}` is a predicate, and no value");
        self.report.add(
            Diagnostic::error(Code::TypeMismatch, path.span, message)
                .help(format!("it is a condition by itself: write `{name}`, or `not {name}`")),
        );
    }

    pub(super) fn no_field<'k>(
        &mut self,
        message: &str,
        name: &str,
        path: &ast::Path,
        known: impl Iterator<Item = &'k str>,
    ) {
        let span = path.segments.last().map_or(path.span, |segment| segment.span);
        self.report.add(
            Diagnostic::error(Code::UnknownName, span, format!("{message} `{name}`"))
                .did_you_mean(name, known),
        );
    }

    /// A name that means nothing here, with the nearest that would.
    fn unknown(&mut self, path: &ast::Path) {
        let Some(first) = path.segments.first() else {
            return;
        };
        let resources: Vec<_> = self
            .scope
            .objects
            .iter()
            .filter_map(|bound| self.table.resources.get(bound.resource))
            .collect();
        let objects: Vec<_> = resources.iter().map(|found| found.plan.name.clone()).collect();
        let mut known: Vec<String> = resources
            .iter()
            .flat_map(|found| &found.predicates)
            .map(|found| found.name.node.clone())
            .collect();
        known.extend(objects.iter().cloned());
        known.extend(self.table.settings.names().map(str::to_owned));
        known.extend(["caller", "request", "params", "body", "now"].map(str::to_owned));
        let mut fault = Diagnostic::error(
            Code::UnknownName,
            first.span,
            format!("`{}` means nothing here", first.node),
        );
        fault = match objects.as_slice() {
            [] => fault.label("the route loads no object"),
            objects => fault
                .label(format!("neither a predicate of `{}` nor a value", objects.join("` or `"))),
        };
        self.report.add(fault.did_you_mean(&first.node, known.iter().map(String::as_str)));
    }
}
