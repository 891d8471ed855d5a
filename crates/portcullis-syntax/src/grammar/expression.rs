//! Conditions and the expressions in them.

use super::reader::{Reader, child, children};
use super::{Pair, Rule};
use crate::ast::{Comparison, Condition, Expression, ExpressionKind, Path};
use crate::{Code, Diagnostic, Spanned};

/// How long a run of `not` or of `else` may be. Each word nests what follows it, and whoever
/// walks the tree does so by recursion.
pub(super) const LONGEST_RUN: usize = 32;

impl Reader {
    pub(super) fn condition(&mut self, pair: &Pair<'_>) -> Option<Condition> {
        let mut parts = children(pair, Rule::expression);
        let when = self.expression(&parts.next()?)?;
        let unless = match parts.next() {
            Some(unless) => Some(self.expression(&unless)?),
            None => None,
        };
        Some(Condition { when, unless })
    }

    pub(super) fn expression(&mut self, pair: &Pair<'_>) -> Option<Expression> {
        let span = self.span(pair);
        let mut operands: Vec<Expression> = children(pair, Rule::negation)
            .map(|operand| self.negation(&operand))
            .collect::<Option<_>>()?;
        if operands.len() == 1 {
            return operands.pop();
        }
        let any = child(pair, Rule::kw_or).is_some();
        let node = if any { ExpressionKind::Or(operands) } else { ExpressionKind::And(operands) };
        Some(Spanned { node, span })
    }

    fn negation(&mut self, pair: &Pair<'_>) -> Option<Expression> {
        let end = self.span(pair).end;
        let negated: Vec<_> = children(pair, Rule::kw_not).map(|word| self.span(&word)).collect();
        if negated.len() > LONGEST_RUN {
            self.too_long(pair, "not");
            return None;
        }
        let mut expression = self.comparison(&child(pair, Rule::comparison)?)?;
        for word in negated.into_iter().rev() {
            let node = ExpressionKind::Not(Box::new(expression));
            expression = Spanned { node, span: crate::Span { end, ..word } };
        }
        Some(expression)
    }

    fn comparison(&mut self, pair: &Pair<'_>) -> Option<Expression> {
        let span = self.span(pair);
        let mut parts = pair.clone().into_inner();
        let left = self.operand(&parts.next()?)?;
        let Some(operator) = parts.next() else {
            return Some(left);
        };
        let left = Box::new(left);
        let right = parts.next()?;
        let node = match operator.as_rule() {
            Rule::comparator => {
                let comparison = match operator.as_str() {
                    "==" => Comparison::Equal,
                    "!=" => Comparison::NotEqual,
                    "<" => Comparison::Less,
                    "<=" => Comparison::LessOrEqual,
                    ">" => Comparison::Greater,
                    ">=" => Comparison::GreaterOrEqual,
                    _ => return None,
                };
                ExpressionKind::Compare(comparison, left, Box::new(self.operand(&right)?))
            }
            Rule::kw_in => ExpressionKind::In(left, Box::new(self.operand(&right)?)),
            Rule::kw_is => ExpressionKind::Is(left, self.names(&right)),
            Rule::kw_can => ExpressionKind::Can(left, self.permission(&right)),
            Rule::kw_within => ExpressionKind::Within(left, Box::new(self.operand(&right)?)),
            Rule::kw_older => {
                ExpressionKind::OlderThan(left, Box::new(self.operand(&parts.next()?)?))
            }
            _ => return None,
        };
        Some(Spanned { node, span })
    }

    fn operand(&mut self, pair: &Pair<'_>) -> Option<Expression> {
        let mut values: Vec<Expression> = children(pair, Rule::primary)
            .map(|primary| self.primary(&primary))
            .collect::<Option<_>>()?;
        if values.len() > LONGEST_RUN {
            self.too_long(pair, "else");
            return None;
        }
        let mut expression = values.pop()?;
        while let Some(value) = values.pop() {
            let span = value.span.to(expression.span);
            let node = ExpressionKind::Else(Box::new(value), Box::new(expression));
            expression = Spanned { node, span };
        }
        Some(expression)
    }

    fn primary(&mut self, pair: &Pair<'_>) -> Option<Expression> {
        let span = self.span(pair);
        let first = pair.clone().into_inner().next()?;
        let node = match first.as_rule() {
            Rule::exists => ExpressionKind::Exists(self.path(&child(&first, Rule::path)?)),
            // The parentheses are part of what stands there, though not of the tree.
            Rule::paren => self.expression(&child(pair, Rule::expression)?)?.node,
            Rule::literal => ExpressionKind::Literal(self.literal(&first)?.node),
            Rule::terms => ExpressionKind::List(self.terms(&first)?),
            Rule::path => ExpressionKind::Path(self.path(&first)),
            _ => return None,
        };
        Some(Spanned { node, span })
    }

    fn terms(&mut self, pair: &Pair<'_>) -> Option<Vec<Expression>> {
        pair.clone()
            .into_inner()
            .filter_map(|term| match term.as_rule() {
                Rule::literal => Some(self.literal(&term).map(|literal| Spanned {
                    node: ExpressionKind::Literal(literal.node),
                    span: literal.span,
                })),
                Rule::name => Some(Some(Spanned {
                    node: ExpressionKind::Path(self.path(&term)),
                    span: self.span(&term),
                })),
                _ => None,
            })
            .collect()
    }

    /// `caller.id`, split at its dots.
    pub(super) fn path(&self, pair: &Pair<'_>) -> Path {
        let mut start = 0;
        let mut segments = Vec::new();
        for segment in pair.as_str().split('.') {
            let end = start + segment.len();
            segments.push(Spanned { node: segment.to_owned(), span: self.part(pair, start, end) });
            start = end + 1;
        }
        Path { segments, span: self.span(pair) }
    }

    pub(super) fn too_long(&mut self, pair: &Pair<'_>, word: &str) {
        let message = format!("expected at most {LONGEST_RUN} times `{word}` in a row");
        self.report(Diagnostic::error(Code::TooLarge, self.span(pair), message));
    }
}
