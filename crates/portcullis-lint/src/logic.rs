//! Whether conditions can hold together: what no value of their parts could make true is no clause.
//!
//! It errs to one side. "Cannot" is certain; where a question is too large or about more than values,
//! the answer is "can". So it is once a clause has been asked about for long: what a policy of many clauses
//! costs grows with their number, and not with its square.

mod domain;

use std::cell::Cell;

use portcullis_compiler::plan::{Access, Comparison, Condition, Operand, Plan, Route};

/// How many ways in which a condition may hold are looked at.
const MOST_WAYS: usize = 128;

/// How many clauses of a route, the first of them, are compared with one another. Who writes more by hand does not
/// know them apart; who generates them knows better than a linter.
pub(crate) const MOST_COMPARED: usize = 128;

/// How many parts of conditions are held against one another on behalf of one clause.
const MOST_PARTS: usize = 20_000;

/// A condition that is not made of others, and whether it is to hold.
type Literal<'c> = (&'c Condition, bool);

/// What is known of a request of a route before any of its conditions.
pub(crate) struct Known<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) route: &'p Route,
    /// How much may still be looked at.
    left: Cell<usize>,
}

impl<'p> Known<'p> {
    /// For the questions about one clause.
    pub(crate) fn new(plan: &'p Plan, route: &'p Route) -> Known<'p> {
        Known { plan, route, left: Cell::new(MOST_PARTS) }
    }

    /// Whether so much may still be looked at.
    fn spend(&self, parts: usize) -> bool {
        let left = self.left.get().checked_sub(parts);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

impl Known<'_> {
    /// Whether some request makes each condition come out as it is asked for.
    pub(crate) fn possible(&self, conditions: &[Literal<'_>]) -> bool {
        let mut ways = vec![Vec::new()];
        for (condition, hold) in conditions {
            let Some(more) = written_out(condition, *hold) else { return true };
            let Some(joined) = both(&ways, &more) else { return true };
            ways = joined;
            if !self.spend(ways.iter().map(|way| way.len() + 1).sum()) {
                return true;
            }
        }
        ways.iter().any(|way| !self.spend(way.len().saturating_mul(way.len())) || self.agrees(way))
    }

    pub(crate) fn never(&self, condition: &Condition) -> bool {
        !self.possible(&[(condition, true)])
    }

    pub(crate) fn always(&self, condition: &Condition) -> bool {
        !self.possible(&[(condition, false)])
    }

    /// Whether one condition holds wherever the other does.
    pub(crate) fn implies(&self, one: &Condition, other: &Condition) -> bool {
        one == other || !self.possible(&[(one, true), (other, false)])
    }

    fn agrees(&self, way: &[Literal<'_>]) -> bool {
        way.iter().all(|literal| self.alone(*literal) != Some(false))
            && way.iter().enumerate().all(|(index, one)| {
                way.iter().skip(index + 1).all(|other| !self.contradict(*one, *other))
            })
            && domain::agree(self, way)
    }

    /// What a condition comes to by itself, where that is known.
    fn alone(&self, (condition, hold): Literal<'_>) -> Option<bool> {
        let held = match condition {
            Condition::ExistsCaller => match self.route.access {
                Access::Public => Some(false),
                Access::Credential(_) => Some(true),
                Access::Optional(_) => None,
            },
            Condition::Can(permission) => {
                let asked = self.route.needs.iter().any(|needed| needed.any == [*permission]);
                asked.then_some(true)
            }
            // Whoever comes without credential is `anonymous`.
            Condition::Is(roles) if self.route.access == Access::Public => {
                let nobody = self.plan.roles.get(self.plan.anonymous)?;
                Some(roles.iter().any(|role| nobody.includes.has(*role)))
            }
            Condition::Compare(comparison, left, right) if left == right => Some(matches!(
                comparison,
                Comparison::Equal | Comparison::LessOrEqual | Comparison::GreaterOrEqual
            )),
            _ => None,
        };
        held.map(|held| held == hold)
    }

    fn contradict(&self, one: Literal<'_>, other: Literal<'_>) -> bool {
        let ((one, holds), (other, other_holds)) = (one, other);
        match (one, other) {
            (Condition::Is(these), Condition::Is(those)) if holds != other_holds => {
                let (narrow, wide) = if holds { (these, those) } else { (those, these) };
                narrow.iter().all(|role| {
                    let role = self.plan.roles.get(*role);
                    role.is_some_and(|role| wide.iter().any(|of| role.includes.has(*of)))
                })
            }
            (Condition::Compare(..), Condition::Compare(..)) => {
                let (one, other) = (normal(one, holds), normal(other, other_holds));
                one.zip(other).is_some_and(|(one, other)| one.excludes(&other))
            }
            _ => holds != other_holds && one == other,
        }
    }
}

/// A comparison of two values, in one of the two forms that all six can be brought to.
struct Normal<'c> {
    less: bool,
    left: &'c Operand,
    right: &'c Operand,
    holds: bool,
}

impl Normal<'_> {
    fn excludes(&self, other: &Normal<'_>) -> bool {
        let same = self.left == other.left && self.right == other.right;
        let turned = self.left == other.right && self.right == other.left;
        match (self.less, other.less) {
            (false, false) => (same || turned) && self.holds != other.holds,
            (true, true) => {
                (same && self.holds != other.holds) || (turned && self.holds && other.holds)
            }
            _ => (same || turned) && self.holds && other.holds,
        }
    }
}

fn normal(condition: &Condition, holds: bool) -> Option<Normal<'_>> {
    let Condition::Compare(comparison, left, right) = condition else { return None };
    let (less, turned, negated) = match comparison {
        Comparison::Equal => (false, false, false),
        Comparison::NotEqual => (false, false, true),
        Comparison::Less => (true, false, false),
        Comparison::GreaterOrEqual => (true, false, true),
        Comparison::Greater => (true, true, false),
        Comparison::LessOrEqual => (true, true, true),
    };
    let (left, right) = if turned { (right, left) } else { (left, right) };
    Some(Normal { less, left, right, holds: holds != negated })
}

/// The ways in which a condition comes out as it is asked for: of each, what has to hold together.
/// Nothing, where they are too many.
fn written_out(condition: &Condition, hold: bool) -> Option<Vec<Vec<Literal<'_>>>> {
    match condition {
        Condition::Constant(value) => {
            Some(if *value == hold { vec![Vec::new()] } else { Vec::new() })
        }
        Condition::Not(inner) => written_out(inner, !hold),
        Condition::All(all) if hold => every(all, hold),
        Condition::Any(all) if !hold => every(all, hold),
        Condition::All(all) | Condition::Any(all) => {
            let mut ways = Vec::new();
            for inner in all {
                ways.extend(written_out(inner, hold)?);
                if ways.len() > MOST_WAYS {
                    return None;
                }
            }
            Some(ways)
        }
        atom => Some(vec![vec![(atom, hold)]]),
    }
}

fn every(all: &[Condition], hold: bool) -> Option<Vec<Vec<Literal<'_>>>> {
    let mut ways = vec![Vec::new()];
    for inner in all {
        ways = both(&ways, &written_out(inner, hold)?)?;
    }
    Some(ways)
}

fn both<'c>(
    these: &[Vec<Literal<'c>>],
    those: &[Vec<Literal<'c>>],
) -> Option<Vec<Vec<Literal<'c>>>> {
    if these.len().saturating_mul(those.len()) > MOST_WAYS {
        return None;
    }
    let joined = |one: &Vec<Literal<'c>>, other: &Vec<Literal<'c>>| [&one[..], &other[..]].concat();
    Some(these.iter().flat_map(|one| those.iter().map(move |other| joined(one, other))).collect())
}

#[test]
fn a_clause_is_asked_about_for_so_long() {
    use portcullis_compiler::compile;
    use portcullis_syntax::{Source, Sources};

    let mut sources = Sources::new();
    sources.add(Source::new("a.gate", "route GET /a { public returns nothing }"));
    let compilation = compile(sources);
    let plan = compilation.plans.first().unwrap();
    let known = Known::new(plan, plan.routes.first().unwrap());
    let never = Condition::Constant(false);
    let exists = Condition::ExistsCaller;
    let wide = Condition::All(vec![exists; 100]);
    assert!(known.never(&never) && known.never(&wide), "nobody is known here");
    for _ in 0..MOST_PARTS {
        known.never(&wide);
    }
    assert_eq!(known.left.get(), 0, "no more was looked at than may be");
    assert!(!known.never(&wide), "and nothing is said any more");
}
