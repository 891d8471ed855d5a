//! `in`: a list, a range, or networks for an address.

use portcullis_syntax::ast::{self, ExpressionKind, Literal};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::guard::Known;
use super::{Checker, Kind, Typed};
use crate::plan::{Condition, Constant, Operand, Type};

impl Checker<'_, '_> {
    pub(super) fn contained(
        &mut self,
        left: &ast::Expression,
        right: &ast::Expression,
        known: &Known,
    ) -> Option<Condition> {
        match &right.node {
            ExpressionKind::Literal(Literal::Range(range)) => self.in_range(left, range, known),
            ExpressionKind::Literal(Literal::Network(_)) => {
                let address = self.of_type(left, &Type::Ip, known);
                let network = self.present(right, None, known)?;
                Some(Condition::InNetwork(address?.operand, network.operand))
            }
            ExpressionKind::List(elements) => self.in_literal(left, right.span, elements, known),
            _ => {
                let list = self.present(right, None, known);
                if list.is_none() && self.takes_its_type(left) {
                    return None;
                }
                let expected = match list.as_ref().map(|list| &list.kind) {
                    Some(Kind::Plain(Type::List(element))) => {
                        Some(Kind::Plain((**element).clone()))
                    }
                    _ => None,
                };
                let value = self.present(left, expected.as_ref(), known);
                self.in_value(value?, list?)
            }
        }
    }

    fn in_range(
        &mut self,
        left: &ast::Expression,
        range: &ast::Range,
        known: &Known,
    ) -> Option<Condition> {
        let value = self.present(left, None, known)?;
        let number = value.kind == Kind::Plain(Type::Number);
        let bound = |bound: ast::Bound| match bound {
            ast::Bound::Int(int) if number => Some(Constant::Number(int as f64)),
            ast::Bound::Int(int) => Some(Constant::Int(int)),
            ast::Bound::Number(found) if number => Some(Constant::Number(found)),
            ast::Bound::Number(_) => None,
        };
        let as_number = |bound: ast::Bound| match bound {
            ast::Bound::Int(int) => int as f64,
            ast::Bound::Number(number) => number,
        };
        if range.high.is_some_and(|high| as_number(range.low) > as_number(high)) {
            let fault = Diagnostic::error(Code::BadValue, value.span, "nothing is in this range");
            self.report.add(fault.help("the lower end comes first"));
            return None;
        }
        let ends = (bound(range.low), range.high.map(bound));
        if let (Some(low), high) = ends
            && !matches!(high, Some(None))
            && (number || value.kind == Kind::Plain(Type::Int))
        {
            return Some(Condition::InRange { value: value.operand, low, high: high.flatten() });
        }
        let found = self.describe(&value.kind);
        self.report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                value.span,
                format!("expected a value that the range can hold, found `{found}`"),
            )
            .help("a range holds ints, or numbers"),
        );
        None
    }

    fn in_literal(
        &mut self,
        left: &ast::Expression,
        span: Span,
        elements: &[ast::Expression],
        known: &Known,
    ) -> Option<Condition> {
        let value = self.present(left, None, known)?;
        let networks = elements
            .iter()
            .any(|element| matches!(element.node, ExpressionKind::Literal(Literal::Network(_))));
        let expected = match &value.kind {
            Kind::RequestText => Kind::Plain(Type::String),
            Kind::Plain(Type::Ip) if networks => Kind::Plain(Type::Network),
            kind => kind.clone(),
        };
        let mut constants = Vec::new();
        let mut sound = true;
        for element in elements {
            match self.present(element, Some(&expected), known) {
                Some(literal)
                    if literal.kind == expected
                        && matches!(literal.operand, Operand::Constant(_)) =>
                {
                    self.possible(&value, &literal);
                    if let Operand::Constant(constant) = literal.operand {
                        constants.push(constant);
                    }
                }
                // A setting that is a list stands for its elements.
                Some(Typed {
                    operand: Operand::Constant(Constant::List(more)),
                    kind: Kind::Plain(Type::List(kind)),
                    ..
                }) if Kind::Plain((*kind).clone()) == expected => constants.extend(more),
                Some(other) => {
                    let (expected, found) = (self.describe(&expected), self.describe(&other.kind));
                    self.report.add(
                        Diagnostic::error(
                            Code::TypeMismatch,
                            other.span,
                            format!("expected a literal of type `{expected}`, found `{found}`"),
                        )
                        .and(value.span, format!("this is `{expected}`")),
                    );
                    sound = false;
                }
                None => sound = false,
            }
        }
        if elements.is_empty() {
            self.report.add(Diagnostic::error(Code::BadValue, span, "nothing is in `[]`"));
            sound = false;
        }
        let list = Operand::Constant(Constant::List(constants));
        sound.then_some(if networks {
            Condition::InNetwork(value.operand, list)
        } else {
            Condition::InList(value.operand, list)
        })
    }

    fn in_value(&mut self, value: Typed, list: Typed) -> Option<Condition> {
        match &list.kind {
            Kind::Plain(Type::List(element)) if value.kind == Kind::Plain((**element).clone()) => {
                Some(Condition::InList(value.operand, list.operand))
            }
            Kind::Plain(Type::Network) if value.kind == Kind::Plain(Type::Ip) => {
                Some(Condition::InNetwork(value.operand, list.operand))
            }
            Kind::Plain(Type::List(element))
                if **element == Type::Network && value.kind == Kind::Plain(Type::Ip) =>
            {
                Some(Condition::InNetwork(value.operand, list.operand))
            }
            _ => {
                let (found, within) = (self.describe(&value.kind), self.describe(&list.kind));
                self.report.add(
                    Diagnostic::error(
                        Code::TypeMismatch,
                        list.span,
                        format!("a `{found}` cannot be in a `{within}`"),
                    )
                    .label(format!("this is `{within}`"))
                    .and(value.span, format!("this is `{found}`"))
                    .help("`in` takes a list of the value's type, a range, or networks for an address"),
                );
                None
            }
        }
    }
}
