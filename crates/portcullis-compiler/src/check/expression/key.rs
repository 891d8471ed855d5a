//! Values that keys are made of.

use portcullis_syntax::ast::{self, ExpressionKind};
use portcullis_syntax::{Code, Diagnostic};

use super::super::guard::Known;
use super::{Checker, Kind, Typed};
use crate::plan::{Operand, Type};

impl Checker<'_, '_> {
    /// A value that keys are made of: there, and a plain one.
    pub(in crate::check) fn read(
        &mut self,
        path: &ast::Path,
        expected: Option<&Type>,
    ) -> Option<Operand> {
        let expression =
            ast::Expression { node: ExpressionKind::Path(path.clone()), span: path.span };
        let found = match expected {
            Some(expected) => self.of_type(&expression, expected, &Known::default())?,
            None => self.present(&expression, None, &Known::default())?,
        };
        self.keyed(found)
    }

    /// The first of several values that is there. The last one must be.
    pub(in crate::check) fn first_of(&mut self, paths: &[ast::Path]) -> Option<Operand> {
        let (last, before) = paths.split_last()?;
        let mut operand = self.read(last, None)?;
        for path in before.iter().rev() {
            let found = self.path(path, None)?;
            // On a route where the caller is known the first is always there, and the rest is for
            // requests whose credential is refused.
            let of_caller = matches!(found.operand, Operand::Caller(_));
            if found.absent.is_empty() && !of_caller {
                self.report.add(
                    Diagnostic::error(Code::TypeMismatch, found.span, "this is always there")
                        .help("take the `else` away"),
                );
                return None;
            }
            let found = self.keyed(found)?;
            operand = Operand::Else(Box::new(found), Box::new(operand));
        }
        Some(operand)
    }

    fn keyed(&mut self, found: Typed) -> Option<Operand> {
        let plain = match &found.kind {
            Kind::Plain(Type::List(_) | Type::Resource(_) | Type::Network | Type::Number) => false,
            Kind::Plain(_) | Kind::RequestText => true,
            Kind::Uncompared => false,
        };
        if matches!(found.operand, Operand::Now | Operand::Constant(_)) {
            let fault =
                Diagnostic::error(Code::BadValue, found.span, "this is the same for every request");
            self.report.add(fault.help("a key names what the caller or the request brings"));
            return None;
        }
        if !plain {
            let kind = self.describe(&found.kind);
            self.report.add(Diagnostic::error(
                Code::TypeMismatch,
                found.span,
                format!("`{kind}` cannot be a key"),
            ));
            return None;
        }
        Some(found.operand)
    }
}
