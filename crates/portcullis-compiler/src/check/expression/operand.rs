//! Values in conditions: paths, literals, bare names, `else`.

use portcullis_syntax::ast::{self, ExpressionKind, Literal};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::guard::Known;
use super::super::input::field_type;
use super::{Checker, Kind, REQUEST, Typed, text};
use crate::plan::{ClaimType, Condition, Constant, Operand, Type};

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
        let value = self.value(expression, expected, known)?;
        if value.optional && !known.has(&value.operand) {
            let name = match &expression.node {
                ExpressionKind::Path(path) => text(path),
                _ => "this".to_owned(),
            };
            self.report.add(
                Diagnostic::error(Code::MayBeAbsent, value.span, format!("`{name}` may be absent"))
                    .label("nothing here says that it is there")
                    .help(format!("write `exists {name} and …`, or `{name} else …`")),
            );
            return None;
        }
        Some(value)
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

    fn value(
        &mut self,
        expression: &ast::Expression,
        expected: Option<&Kind>,
        known: &Known,
    ) -> Option<Typed> {
        let span = expression.span;
        match &expression.node {
            ExpressionKind::Literal(literal) => self.literal(literal, expected, span),
            ExpressionKind::Path(path) => self.path(path, expected),
            ExpressionKind::Else(first, second) => {
                let first = self.value(first, expected, known)?;
                let second = self.value(second, Some(&first.kind.clone()), known)?;
                if !first.optional || known.has(&first.operand) {
                    self.report.add(
                        Diagnostic::error(Code::TypeMismatch, first.span, "this is always there")
                            .help("take the `else` away"),
                    );
                    return None;
                }
                let optional = second.optional && !known.has(&second.operand);
                let (first, second) = self.same(first, second)?;
                Some(Typed {
                    kind: first.kind,
                    operand: Operand::Else(Box::new(first.operand), Box::new(second.operand)),
                    optional,
                    span,
                })
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
        Some(Typed {
            operand: Operand::Constant(constant),
            kind: Kind::Plain(kind),
            optional: false,
            span,
        })
    }

    /// A predicate, where a path names one: then what it asks, or nothing after a fault.
    pub(super) fn predicate(&mut self, path: &ast::Path) -> Option<Option<Condition>> {
        let object = self.scope.object?;
        let resource = self.table.resources.get(object)?;
        let name = match path.segments.as_slice() {
            [name] => name,
            [of, name] if of.node == resource.plan.name => name,
            _ => return None,
        };
        let predicate = resource.predicates.iter().find(|found| found.name == name.node)?;
        // What speaks of the caller is false where there is none.
        if predicate.names_caller && self.scope.caller.is_none() {
            return Some(Some(Condition::Constant(false)));
        }
        Some(predicate.condition.clone())
    }

    /// `caller.id`, `order.status`, `paid`, `now`
    pub(super) fn path(&mut self, path: &ast::Path, expected: Option<&Kind>) -> Option<Typed> {
        let segments = path.segments.iter().map(|name| name.node.as_str()).collect::<Vec<_>>();
        let found = match segments.as_slice() {
            ["now"] => Some((Operand::Now, Kind::Plain(Type::Time), false)),
            ["caller", name] => self.caller(name, path),
            ["request", "origin"] => {
                self.report.unsupported(&ast::Unsupported {
                    what: "request.origin".to_owned(),
                    span: path.span,
                });
                return None;
            }
            ["request", name] => self.request(name, path),
            ["params", name] => self.param(name, path),
            ["body", name] => self.body(name, path),
            ["query" | "header", ..] => {
                self.report.unsupported(&ast::Unsupported { what: text(path), span: path.span });
                return None;
            }
            [name] => return self.bare(name, path, expected),
            [of, name] if self.object_name().is_some_and(|known| known == *of) => {
                self.attribute(name, path)
            }
            _ => {
                self.unknown(path);
                None
            }
        };
        let (operand, kind, optional) = found?;
        Some(Typed { operand, kind, optional, span: path.span })
    }

    fn object_name(&self) -> Option<&str> {
        let resource = self.table.resources.get(self.scope.object?)?;
        Some(&resource.plan.name)
    }

    fn caller(&mut self, name: &str, path: &ast::Path) -> Option<(Operand, Kind, bool)> {
        let Some(claims) = self.scope.caller else {
            self.report.add(
                Diagnostic::error(
                    Code::MayBeAbsent,
                    path.span,
                    format!("`{}` is never there on a `public` route", text(path)),
                )
                .help("a `public` route ignores credentials; leave `public` out to have a caller"),
            );
            return None;
        };
        let Some(slot) = claims.iter().position(|claim| claim.name == name) else {
            let known = claims.iter().map(|claim| claim.name.as_str());
            self.no_field("the caller has no attribute", name, path, known);
            return None;
        };
        let claim = claims.get(slot)?;
        let kind = match claim.kind {
            ClaimType::String => Kind::Plain(Type::String),
            ClaimType::Int => Kind::Plain(Type::Int),
            ClaimType::Bool => Kind::Plain(Type::Bool),
            ClaimType::Uuid => Kind::Plain(Type::Uuid),
            ClaimType::Time => Kind::Plain(Type::Time),
            ClaimType::Enumeration(index) => Kind::Plain(Type::Enumeration(index)),
            ClaimType::Role => Kind::Role,
        };
        Some((Operand::Caller(slot), kind, claim.optional))
    }

    fn request(&mut self, name: &str, path: &ast::Path) -> Option<(Operand, Kind, bool)> {
        if let Some((_, field, kind)) = REQUEST.iter().find(|(known, ..)| *known == name) {
            return Some((Operand::Request(*field), kind.clone(), false));
        }
        let known = REQUEST.iter().map(|(name, ..)| *name);
        self.no_field("a request has no", name, path, known);
        None
    }

    fn param(&mut self, name: &str, path: &ast::Path) -> Option<(Operand, Kind, bool)> {
        let params = self.scope.params;
        if let Some(slot) = params.iter().position(|param| param.field.name == name) {
            let field = &params.get(slot)?.field;
            return Some((Operand::Parameter(slot), Kind::Plain(field_type(field)), false));
        }
        let known = params.iter().map(|param| param.field.name.as_str());
        self.no_field("the path has no parameter", name, path, known);
        None
    }

    fn body(&mut self, name: &str, path: &ast::Path) -> Option<(Operand, Kind, bool)> {
        let Some(fields) = self.scope.body else {
            self.report.add(
                Diagnostic::error(Code::UnknownName, path.span, "the route takes no body")
                    .help("state it with `body INPUT`"),
            );
            return None;
        };
        if let Some(slot) = fields.iter().position(|field| field.name == name) {
            let field = fields.get(slot)?;
            let optional = field.optional && field.default.is_none();
            return Some((Operand::Body(slot), Kind::Plain(field_type(field)), optional));
        }
        self.no_field(
            "the body has no field",
            name,
            path,
            fields.iter().map(|field| field.name.as_str()),
        );
        None
    }

    fn attribute(&mut self, name: &str, path: &ast::Path) -> Option<(Operand, Kind, bool)> {
        let resource = &self.table.resources.get(self.scope.object?)?.plan;
        let Some(slot) = resource.attributes.iter().position(|known| known.name == name) else {
            let message = format!("resource `{}` has no attribute", resource.name);
            let known =
                resource.attributes.iter().map(|known| known.name.clone()).collect::<Vec<_>>();
            self.no_field(&message, name, path, known.iter().map(String::as_str));
            return None;
        };
        let attribute = resource.attributes.get(slot)?;
        if attribute.secret {
            self.report.add(
                Diagnostic::error(Code::Secret, path.span, format!("`{}` is secret", text(path)))
                    .label("no condition may read it")
                    .help("decide by another attribute"),
            );
            return None;
        }
        let kind = Kind::Plain(attribute.kind.clone());
        Some((Operand::Object(slot), kind, attribute.optional))
    }

    /// A name by itself: a value of the enum beside it.
    fn bare(&mut self, name: &str, path: &ast::Path, expected: Option<&Kind>) -> Option<Typed> {
        if let Some(Kind::Plain(Type::Enumeration(index))) = expected
            && let Some(enumeration) = self.table.enumerations.get(*index)
        {
            if let Some(member) = enumeration.members.iter().position(|(known, _)| known == name) {
                if self.predicate(path).is_some() {
                    self.report.add(
                        Diagnostic::error(
                            Code::Ambiguous,
                            path.span,
                            format!(
                                "`{name}` is a value of `{}` and a predicate",
                                enumeration_name(self, *index)
                            ),
                        )
                        .help("rename one of them"),
                    );
                    return None;
                }
                return Some(Typed {
                    operand: Operand::Constant(Constant::Member(member)),
                    kind: Kind::Plain(Type::Enumeration(*index)),
                    optional: false,
                    span: path.span,
                });
            }
            let message = format!("enum `{}` has no value", enumeration.name);
            let known =
                enumeration.members.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            self.no_field(&message, name, path, known.iter().map(String::as_str));
            return None;
        }
        self.unknown(path);
        None
    }

    fn no_field<'k>(
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
        let object = self.object_name().map(str::to_owned);
        let predicates = self
            .scope
            .object
            .and_then(|object| self.table.resources.get(object))
            .map(|resource| resource.predicates.iter().map(|found| found.name.clone()).collect())
            .unwrap_or_else(Vec::new);
        let Some(first) = path.segments.first() else {
            return;
        };
        let mut known = predicates;
        known.extend(object.iter().cloned());
        known.extend(["caller", "request", "params", "body", "now"].map(str::to_owned));
        let mut fault = Diagnostic::error(
            Code::UnknownName,
            first.span,
            format!("`{}` means nothing here", first.node),
        );
        fault = match object {
            Some(object) => fault.label(format!("neither a predicate of `{object}` nor a value")),
            None => fault.label("the route loads no object"),
        };
        self.report.add(fault.did_you_mean(&first.node, known.iter().map(String::as_str)));
    }
}

fn enumeration_name(checker: &Checker<'_, '_>, index: usize) -> String {
    checker.describe(&Kind::Plain(Type::Enumeration(index)))
}

/// A literal as a value of the type expected, or of its own.
pub(crate) fn constant(
    literal: &Literal,
    expected: Option<&Type>,
    span: Span,
    report: &mut super::Report,
) -> Option<(Constant, Type)> {
    let nanos = |seconds: u64| {
        i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000_000_000))
    };
    Some(match literal {
        Literal::Text(text) => match expected {
            Some(Type::Uuid) => match uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
            {
                Some(uuid) => (Constant::Uuid(uuid.as_u128()), Type::Uuid),
                None => {
                    report.add(
                        Diagnostic::error(Code::BadValue, span, format!("`{text}` is not a uuid"))
                            .help("a uuid looks like `9d3d1f5e-0000-4000-8000-000000000456`"),
                    );
                    return None;
                }
            },
            Some(Type::Url) => (Constant::Text(text.clone()), Type::Url),
            _ => (Constant::Text(text.clone()), Type::String),
        },
        Literal::Int(int) => match expected {
            Some(Type::Number) => (Constant::Number(*int as f64), Type::Number),
            _ => (Constant::Int(*int), Type::Int),
        },
        Literal::Number(number) => (Constant::Number(*number), Type::Number),
        Literal::Bool(value) => (Constant::Bool(*value), Type::Bool),
        Literal::Time(nanos) => (Constant::Time(*nanos), Type::Time),
        Literal::Duration(seconds) => match nanos(*seconds) {
            Some(nanos) => (Constant::Duration(nanos), Type::Duration),
            None => {
                report.add(Diagnostic::error(Code::BadValue, span, "the duration is too long"));
                return None;
            }
        },
        Literal::Ip(address) => (Constant::Ip(address.to_canonical()), Type::Ip),
        Literal::Network(network) => (Constant::Network(*network), Type::Network),
        Literal::Size(_) | Literal::Range(_) => {
            report.add(Diagnostic::error(
                Code::TypeMismatch,
                span,
                "neither a size nor a range is a value of a condition",
            ));
            return None;
        }
    })
}

impl Checker<'_, '_> {
    /// A value of the request that keys are made of: there, and a plain one.
    pub(crate) fn read(
        &mut self,
        path: &ast::Path,
        expected: Option<&Type>,
        purpose: &str,
    ) -> Option<Operand> {
        let expression =
            ast::Expression { node: ExpressionKind::Path(path.clone()), span: path.span };
        let found = match expected {
            Some(expected) => self.of_type(&expression, expected, &Known::default())?,
            None => self.present(&expression, None, &Known::default())?,
        };
        let list = matches!(found.kind, Kind::Plain(Type::List(_)) | Kind::Role);
        if list || matches!(found.operand, Operand::Now) {
            let kind = self.describe(&found.kind);
            self.report.add(Diagnostic::error(
                Code::TypeMismatch,
                found.span,
                format!("`{kind}` cannot be {purpose}"),
            ));
            return None;
        }
        Some(found.operand)
    }
}
