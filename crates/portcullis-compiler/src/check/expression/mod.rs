//! Conditions: names, types and the flow of optionals, lowered as they are checked.

mod comparison;
mod key;
mod literal;
mod membership;
mod operand;
mod polarity;
mod predicate;
mod scope;
mod source;

pub(super) use literal::constant;
pub(super) use polarity::Polarity;
pub(super) use predicate::mentions;
pub(super) use scope::{Bound, Callers, Fields, Presence as CallerPresence, Scope};

use portcullis_syntax::ast::{self, ExpressionKind, Literal};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::guard::{Flow, Known, Presence};
use super::types::{Table, describe};
use crate::plan::{Condition, Operand, RequestField, Type};

/// Checks conditions in one scope.
pub(super) struct Checker<'a, 't> {
    pub(super) table: &'a mut Table<'t>,
    pub(super) scope: Scope<'a>,
    pub(super) report: &'a mut Report,
    /// The predicates that are being written out, by resource and place in it.
    within: Vec<(usize, usize)>,
    /// Where the outermost of them is named.
    asked: Option<Span>,
    written: Written,
    polarity: Polarity,
    /// Whether what is being checked reads the caller unguarded where there may be none.
    reads_nobody: bool,
}

/// How much of a condition is written out. A few predicates that ask each other twice are a million,
/// and the engine recurses as deep as they go.
#[derive(Clone, Copy, Default)]
struct Written {
    /// How deep the expression is nested that is looked at.
    depth: usize,
    /// How many expressions there are so far.
    size: usize,
    /// The condition as it stands in the text.
    whole: Option<Span>,
    /// Whether it was said that this is too much.
    too_large: bool,
}

/// The deepest nesting of a condition, predicates written out.
const DEEPEST: usize = 128;
/// The most conditions in one, predicates written out as often as they are asked.
const LARGEST: usize = 10_000;
/// The same, of all that a policy says.
const LARGEST_POLICY: usize = 2_000_000;

/// A value with its type.
struct Typed {
    operand: Operand,
    kind: Kind,
    /// What has to be known to be there, so that the value is.
    absent: Vec<Presence>,
    span: Span,
}

impl Typed {
    fn there(operand: Operand, kind: Kind, span: Span) -> Typed {
        Typed { operand, kind, absent: Vec::new(), span }
    }
}

/// The types of values in conditions; more than attributes have.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Plain(Type),
    /// `request.method`, `path` and `host`: compared with literals only.
    RequestText,
    /// A setting that no condition compares: a size.
    Uncompared,
}

impl<'a, 't> Checker<'a, 't> {
    pub(super) fn new(
        table: &'a mut Table<'t>,
        scope: Scope<'a>,
        report: &'a mut Report,
    ) -> Checker<'a, 't> {
        Checker {
            table,
            scope,
            report,
            within: Vec::new(),
            asked: None,
            written: Written::default(),
            polarity: Polarity::default(),
            reads_nobody: false,
        }
    }

    /// The same where it is known what a condition that is false leads to.
    pub(super) fn polarity(self, polarity: Polarity) -> Checker<'a, 't> {
        Checker { polarity, ..self }
    }

    /// `require when A unless B`: A or B.
    pub(super) fn requirement(&mut self, condition: &ast::Condition) -> Option<Condition> {
        let (when, flow) = self.boolean(&condition.when, &Known::default())?;
        let Some(unless) = &condition.unless else {
            return Some(when);
        };
        let (unless, _) = self.boolean(unless, &flow.fails)?;
        Some(Condition::Any(vec![when, unless]))
    }

    /// `when A unless B`: A and not B.
    pub(super) fn condition(&mut self, condition: &ast::Condition) -> Option<Condition> {
        let (when, flow) = self.boolean(&condition.when, &Known::default())?;
        let Some(unless) = &condition.unless else {
            return Some(when);
        };
        let (unless, _) = self.negated(unless, &flow.holds)?;
        Some(Condition::All(vec![when, Condition::Not(Box::new(unless))]))
    }

    /// An expression where a condition is expected, under what is known already.
    pub(super) fn boolean(
        &mut self,
        expression: &ast::Expression,
        known: &Known,
    ) -> Option<(Condition, Flow)> {
        self.written.whole.get_or_insert(expression.span);
        if self.written.depth >= DEEPEST {
            self.too_large(&format!("is nested deeper than {DEEPEST} levels"));
            return None;
        }
        if self.written.size >= LARGEST {
            self.too_large(&format!("is made of more than {LARGEST} conditions"));
            return None;
        }
        if self.table.written >= LARGEST_POLICY {
            // Said once: what comes after it is not looked at.
            if self.table.written == LARGEST_POLICY {
                self.table.written += 1;
                self.too_large(&format!(
                    "and what is before it are more than {LARGEST_POLICY} conditions"
                ));
            }
            return None;
        }
        self.table.written += 1;
        self.written.size += 1;
        self.written.depth += 1;
        let found = self.nested(expression, known);
        self.written.depth -= 1;
        if found.is_none() && self.written.depth == 0 {
            self.report.lost(expression.span);
        }
        found
    }

    /// An expression whose opposite is what counts.
    fn negated(
        &mut self,
        expression: &ast::Expression,
        known: &Known,
    ) -> Option<(Condition, Flow)> {
        self.polarity = self.polarity.negated();
        let found = self.boolean(expression, known);
        self.polarity = self.polarity.negated();
        found
    }

    /// Says once of a condition that it is too large.
    fn too_large(&mut self, how: &str) {
        if let Some(whole) = self.written.whole.filter(|_| !self.written.too_large) {
            self.written.too_large = true;
            let message = format!("with its predicates written out, this {how}");
            let fault = Diagnostic::error(Code::TooLarge, whole, message);
            self.report.add(fault.help("let the predicates ask less of each other"));
        }
    }

    fn nested(&mut self, expression: &ast::Expression, known: &Known) -> Option<(Condition, Flow)> {
        match &expression.node {
            ExpressionKind::And(all) => self.chain(all, known, true),
            ExpressionKind::Or(all) => self.chain(all, known, false),
            ExpressionKind::Not(inner) => {
                let (condition, flow) = self.negated(inner, known)?;
                Some((Condition::Not(Box::new(condition)), flow.negated()))
            }
            ExpressionKind::Exists(path) => self.exists(path),
            _ => {
                self.reads_nobody = false;
                let condition = self.atom(expression, known)?;
                let condition = if std::mem::take(&mut self.reads_nobody) {
                    Condition::All(vec![Condition::ExistsCaller, condition])
                } else {
                    condition
                };
                Some((condition, Flow::default()))
            }
        }
    }

    /// What is not made of conditions, but for a predicate.
    fn atom(&mut self, expression: &ast::Expression, known: &Known) -> Option<Condition> {
        match &expression.node {
            ExpressionKind::Compare(comparison, left, right) => {
                self.compare(*comparison, left, right, known)
            }
            ExpressionKind::In(left, right) => self.contained(left, right, known),
            ExpressionKind::Is(subject, roles) => self.is(subject, roles),
            ExpressionKind::Can(subject, permission) => {
                self.is_caller(subject, "can")?;
                let index = self.table.access.permission(permission, self.report);
                Some(Condition::Can(index))
            }
            ExpressionKind::Within(time, duration) => {
                let (time, duration) = self.age(time, duration, known)?;
                Some(Condition::Within(time, duration))
            }
            ExpressionKind::OlderThan(time, duration) => {
                let (time, duration) = self.age(time, duration, known)?;
                Some(Condition::OlderThan(time, duration))
            }
            ExpressionKind::Literal(Literal::Bool(value)) => Some(Condition::Constant(*value)),
            ExpressionKind::Path(path) => match self.predicate(path, known) {
                Some(condition) => condition,
                None => self.truth(expression, known),
            },
            ExpressionKind::Else(..) => self.truth(expression, known),
            _ => {
                self.report.add(
                    Diagnostic::error(
                        Code::TypeMismatch,
                        expression.span,
                        "expected a condition, found a value",
                    )
                    .help("compare it with something: `… == …`"),
                );
                None
            }
        }
    }

    /// `a and b`, `a or b`: what holds (or fails) before guards what comes after.
    fn chain(
        &mut self,
        all: &[ast::Expression],
        known: &Known,
        and: bool,
    ) -> Option<(Condition, Flow)> {
        let mut passed = Known::default();
        let mut stopped: Option<Known> = None;
        let mut conditions = Vec::new();
        let mut sound = true;
        for expression in all {
            let Some((condition, flow)) = self.boolean(expression, &known.and(&passed)) else {
                sound = false;
                continue;
            };
            conditions.push(condition);
            let (goes_on, stops) =
                if and { (flow.holds, flow.fails) } else { (flow.fails, flow.holds) };
            let stops = passed.and(&stops);
            stopped = Some(stopped.map_or_else(|| stops.clone(), |before| before.or(&stops)));
            passed = passed.and(&goes_on);
        }
        let stopped = stopped.unwrap_or_default();
        let (condition, flow) = if and {
            (Condition::All(conditions), Flow { holds: passed, fails: stopped })
        } else {
            (Condition::Any(conditions), Flow { holds: stopped, fails: passed })
        };
        sound.then_some((condition, flow))
    }

    fn exists(&mut self, path: &ast::Path) -> Option<(Condition, Flow)> {
        if let [only] = path.segments.as_slice()
            && only.node == "caller"
        {
            let condition = match self.scope.caller.presence {
                CallerPresence::Never => Condition::Constant(false),
                CallerPresence::Maybe | CallerPresence::Always => Condition::ExistsCaller,
            };
            let holds = Known::of(vec![Presence::Caller]);
            return Some((condition, Flow { holds, fails: Known::default() }));
        }
        let found = self.path(path, None)?;
        // What a group says holds for routes too where the caller may be absent.
        if !found.absent.is_empty() || matches!(found.operand, Operand::Caller(_)) {
            let never = self.scope.caller.presence == CallerPresence::Never
                && matches!(found.operand, Operand::Caller(_));
            let flow = Flow { holds: Known::of(found.absent), fails: Known::default() };
            let condition =
                if never { Condition::Constant(false) } else { Condition::Exists(found.operand) };
            return Some((condition, flow));
        }
        self.report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                path.span,
                format!("`{}` is always there", text(path)),
            )
            .help("take the `exists` away"),
        );
        None
    }

    fn is(&mut self, subject: &ast::Expression, roles: &[ast::Name]) -> Option<Condition> {
        self.is_caller(subject, "is")?;
        let found =
            roles.iter().map(|role| self.table.access.role(role, self.report)).collect::<Vec<_>>();
        let roles = found.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Condition::Is(roles))
    }

    fn is_caller(&mut self, subject: &ast::Expression, word: &str) -> Option<()> {
        if let ExpressionKind::Path(path) = &subject.node
            && let [only] = path.segments.as_slice()
            && only.node == "caller"
        {
            return Some(());
        }
        self.report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                subject.span,
                format!("only `caller` can stand before `{word}`"),
            )
            .help(format!("write `caller {word} …`")),
        );
        None
    }

    /// `t within d`, `t older than d`
    fn age(
        &mut self,
        time: &ast::Expression,
        duration: &ast::Expression,
        known: &Known,
    ) -> Option<(Operand, Operand)> {
        let time = self.of_type(time, &Type::Time, known);
        let duration = self.of_type(duration, &Type::Duration, known);
        Some((time?.operand, duration?.operand))
    }

    /// A value of type `bool` where a condition is expected.
    fn truth(&mut self, expression: &ast::Expression, known: &Known) -> Option<Condition> {
        let value = self.of_type(expression, &Type::Bool, known)?;
        Some(Condition::Truth(value.operand))
    }

    fn describe(&self, kind: &Kind) -> String {
        match kind {
            Kind::Plain(kind) => describe(kind, &self.table.enumerations, &self.table.resources),
            Kind::RequestText => "request text".to_owned(),
            Kind::Uncompared => "size".to_owned(),
        }
    }
}

/// A path as the author wrote it.
fn text(path: &ast::Path) -> String {
    path.segments.iter().map(|segment| segment.node.as_str()).collect::<Vec<_>>().join(".")
}

/// What `request.` may be followed by.
const REQUEST: &[(&str, RequestField, Kind)] = &[
    ("method", RequestField::Method, Kind::RequestText),
    ("path", RequestField::Path, Kind::RequestText),
    ("host", RequestField::Host, Kind::RequestText),
    ("ip", RequestField::Ip, Kind::Plain(Type::Ip)),
    ("origin", RequestField::Origin, Kind::Plain(Type::String)),
];
