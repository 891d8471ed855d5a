//! `==`, `<` and the like: two values of one type.

use portcullis_syntax::ast::{self, Comparison};
use portcullis_syntax::{Code, Diagnostic};

use super::super::guard::Known;
use super::super::route::METHODS;
use super::super::transport::is_host;
use super::{Checker, Kind, Typed};
use crate::plan::{Condition, Constant, Operand, RequestField, Type};

impl Checker<'_, '_> {
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        left: &ast::Expression,
        right: &ast::Expression,
        known: &Known,
    ) -> Option<Condition> {
        let (left, right) = self.pair(left, right, known)?;
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let ordered = matches!(
            left.kind,
            Kind::Plain(
                Type::Int | Type::Number | Type::Time | Type::Duration | Type::Enumeration(_)
            )
        );
        let list = matches!(left.kind, Kind::Plain(Type::List(_)));
        let object = matches!(left.kind, Kind::Plain(Type::Resource(_)) | Kind::Uncompared);
        if list || object || !(equality || ordered) {
            let found = self.describe(&left.kind);
            self.report.add(
                Diagnostic::error(
                    Code::TypeMismatch,
                    left.span.to(right.span),
                    if list {
                        format!("a list (`{found}`) is not compared")
                    } else if object {
                        format!("a whole `{found}` is not compared")
                    } else {
                        format!("`{found}` has no order")
                    },
                )
                .help(if list {
                    "ask whether a value is `in` it"
                } else if object {
                    "compare one of its attributes"
                } else {
                    "compare with `==` or `!=`"
                }),
            );
            return None;
        }
        Some(Condition::Compare(comparison, left.operand, right.operand))
    }

    /// Two values of one type. The side whose type is plain to see says what the other must be.
    fn pair(
        &mut self,
        left: &ast::Expression,
        right: &ast::Expression,
        known: &Known,
    ) -> Option<(Typed, Typed)> {
        if self.takes_its_type(left) && !self.takes_its_type(right) {
            let right = self.present(right, None, known)?;
            let left = self.present(left, Some(&right.kind.clone()), known)?;
            return self.same(left, right);
        }
        let left = self.present(left, None, known);
        if left.is_none() && self.takes_its_type(right) {
            // What a bare name means cannot be told, and a second fault would mislead.
            return None;
        }
        let expected = left.as_ref().map(|left| left.kind.clone());
        let right = self.present(right, expected.as_ref(), known);
        self.same(left?, right?)
    }

    pub(super) fn same(&mut self, left: Typed, right: Typed) -> Option<(Typed, Typed)> {
        let literal = |typed: &Typed| {
            matches!(typed.operand, Operand::Constant(_)) && typed.kind == Kind::Plain(Type::String)
        };
        let fits = match (&left.kind, &right.kind) {
            (Kind::RequestText, _) => literal(&right),
            (_, Kind::RequestText) => literal(&left),
            (one, other) => one == other,
        };
        if fits {
            self.possible(&left, &right);
            self.possible(&right, &left);
            return Some((left, right));
        }
        let (one, other) = (self.describe(&left.kind), self.describe(&right.kind));
        let mut fault = Diagnostic::error(
            Code::TypeMismatch,
            right.span,
            format!("expected `{one}`, found `{other}`"),
        )
        .label(format!("this is `{other}`"))
        .and(left.span, format!("this is `{one}`"));
        if left.kind == Kind::RequestText || right.kind == Kind::RequestText {
            fault =
                fault.help("`request.path`, `method` and `host` are compared with literals only");
        }
        self.report.add(fault);
        None
    }

    /// A literal beside `request.method`, `path` or `host` is one that a request may have: with
    /// another the condition is decided before any request comes, and a `deny` holds for none.
    pub(super) fn possible(&mut self, request: &Typed, literal: &Typed) {
        let (Operand::Request(field), Operand::Constant(Constant::Text(text))) =
            (&request.operand, &literal.operand)
        else {
            return;
        };
        let (possible, help) = match field {
            RequestField::Method => (
                METHODS.contains(&text.as_str()),
                "it is GET, POST, PUT, PATCH or DELETE; HEAD reads as GET",
            ),
            RequestField::Path => (text.starts_with('/'), "a path begins with `/`"),
            RequestField::Host => (is_host(text), "a host is in lower case, and without a port"),
            RequestField::Ip | RequestField::Origin => return,
        };
        if !possible {
            let fault = Diagnostic::error(Code::BadValue, literal.span, "no request has this");
            self.report.add(fault.help(help));
        }
    }
}
