//! Conditions and the expressions in them.

use super::Rule;
use super::node::Node;
use super::split::DEEPEST;
use crate::ast::{Comparison, Condition, Expression, ExpressionKind, Literal, Name, Path};
use crate::{Code, Diagnostic, Span, Spanned};

impl<'t> Node<'t> {
    /// The condition among the children.
    pub(super) fn own_condition(&self) -> Option<Condition> {
        let found = self.child(Rule::condition)?;
        Some(Condition {
            when: found.own_expression(),
            unless: found.child(Rule::unless).map(|unless| unless.own_expression()),
        })
    }

    /// The expression among the children.
    pub(super) fn own_expression(&self) -> Expression {
        match self.child(Rule::expression) {
            Some(found) => found.expression(),
            None => self.spanned(ExpressionKind::Literal(Literal::Bool(false))),
        }
    }

    fn expression(&self) -> Expression {
        let mut all = Vec::new();
        let mut or = false;
        for child in self.children() {
            match child.rule() {
                Rule::negation => all.push(child.negation()),
                Rule::and_tail | Rule::or_tail => {
                    or |= child.rule() == Rule::or_tail;
                    all.extend(child.child(Rule::negation).map(|inner| inner.negation()));
                }
                _ => {}
            }
        }
        if all.len() == 1
            && let Some(only) = all.pop()
        {
            return only;
        }
        self.spanned(if or { ExpressionKind::Or(all) } else { ExpressionKind::And(all) })
    }

    fn negation(&self) -> Expression {
        let nots = self.all(Rule::kw_not).collect::<Vec<_>>();
        let mut inner = match self.child(Rule::comparison) {
            Some(found) => found.comparison(),
            None => self.spanned(ExpressionKind::Literal(Literal::Bool(false))),
        };
        self.bounded(nots.len(), "not");
        for not in nots.iter().rev().take(DEEPEST) {
            let span = not.span().to(inner.span);
            inner = Spanned { node: ExpressionKind::Not(Box::new(inner)), span };
        }
        inner
    }

    /// What nests without brackets is bounded like what nests with them.
    fn bounded(&self, depth: usize, word: &str) {
        if depth > DEEPEST {
            self.context.report(Diagnostic::error(
                Code::TooLarge,
                self.span(),
                format!("`{word}` stands {depth} times in a row, at most {DEEPEST} are taken"),
            ));
        }
    }

    fn comparison(&self) -> Expression {
        let mut operands = self.children().filter(|node| node.rule() == Rule::operand);
        let Some(left) = operands.next().map(|operand| operand.operand()) else {
            return self.spanned(ExpressionKind::Literal(Literal::Bool(false)));
        };
        let Some(tail) = self.children().find(|node| node.rule() != Rule::operand) else {
            return left;
        };
        let left = Box::new(left);
        let right = || {
            let found = tail.child(Rule::operand).map(|operand| operand.operand());
            Box::new(found.unwrap_or_else(|| tail.spanned(ExpressionKind::List(Vec::new()))))
        };
        let kind = match tail.rule() {
            Rule::compare => ExpressionKind::Compare(tail.comparator(), left, right()),
            Rule::contained => ExpressionKind::In(left, right()),
            Rule::is => ExpressionKind::Is(left, tail.names()),
            Rule::can => {
                let permission = tail.child(Rule::permission);
                let permission =
                    permission.map_or_else(|| tail.spanned(String::new()), |found| found.name());
                ExpressionKind::Can(left, permission)
            }
            Rule::within => ExpressionKind::Within(left, right()),
            _ => ExpressionKind::OlderThan(left, right()),
        };
        self.spanned(kind)
    }

    fn comparator(&self) -> Comparison {
        match self.child(Rule::comparator).map(|found| found.text()) {
            Some("==") => Comparison::Equal,
            Some("!=") => Comparison::NotEqual,
            Some("<=") => Comparison::LessOrEqual,
            Some(">=") => Comparison::GreaterOrEqual,
            Some("<") => Comparison::Less,
            _ => Comparison::Greater,
        }
    }

    /// `a else b else c` groups to the right.
    fn operand(&self) -> Expression {
        let all = self.all(Rule::primary).map(|primary| primary.primary()).collect::<Vec<_>>();
        self.bounded(all.len(), "else");
        let mut all = all.into_iter().take(DEEPEST).rev();
        let Some(mut last) = all.next() else {
            return self.spanned(ExpressionKind::List(Vec::new()));
        };
        for before in all {
            let span = before.span.to(last.span);
            last = Spanned { node: ExpressionKind::Else(Box::new(before), Box::new(last)), span };
        }
        last
    }

    fn primary(&self) -> Expression {
        let Some(inner) = self.first() else {
            return self.spanned(ExpressionKind::List(Vec::new()));
        };
        match inner.rule() {
            Rule::exists => {
                let path = inner.child(Rule::path).map_or_else(|| inner.path(), |path| path.path());
                inner.spanned(ExpressionKind::Exists(path))
            }
            Rule::expression => Spanned { span: self.span(), ..inner.expression() },
            Rule::list => {
                let element = |node: Node<'t>| match node.rule() {
                    Rule::path => node.spanned(ExpressionKind::Path(node.path())),
                    _ => {
                        let literal = node.literal();
                        Spanned { node: ExpressionKind::Literal(literal.node), span: literal.span }
                    }
                };
                inner.spanned(ExpressionKind::List(inner.children().map(element).collect()))
            }
            Rule::path => inner.spanned(ExpressionKind::Path(inner.path())),
            _ => {
                let literal = inner.literal();
                Spanned { node: ExpressionKind::Literal(literal.node), span: literal.span }
            }
        }
    }

    /// This path, cut at its dots.
    pub(super) fn path(&self) -> Path {
        let whole = self.span();
        let mut start = whole.start;
        let segments = self.text().trim_end().split('.').map(|segment| {
            let end = start + u32::try_from(segment.len()).unwrap_or(0);
            let span = Span { start, end, ..whole };
            start = end + 1;
            Name { node: segment.to_owned(), span }
        });
        Path { segments: segments.collect(), span: whole }
    }
}
