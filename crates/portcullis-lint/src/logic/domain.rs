//! Whether some value of a type makes all comparisons of one operand with constants true.

use std::cmp::Ordering;

use portcullis_compiler::plan::{
    Bound, ClaimType, Comparison, Condition, Constant, FieldType, Operand, Plan, Rule, Type,
};

use super::{Known, Literal};

/// One thing that is asked of a value.
enum Asked<'c> {
    Compared(Comparison, &'c Constant, bool),
    OneOf(&'c [Constant], bool),
    Within(&'c Constant, Option<&'c Constant>, bool),
}

/// Whether each operand of a way may have a value.
pub(super) fn agree(known: &Known<'_>, way: &[Literal<'_>]) -> bool {
    let mut operands: Vec<&Operand> = Vec::new();
    for literal in way {
        if let Some((operand, _)) = asked(*literal)
            && !operands.contains(&operand)
        {
            operands.push(operand);
        }
    }
    operands.into_iter().all(|operand| {
        let asked = way.iter().filter_map(|literal| asked(*literal));
        let asked = asked.filter(|(of, _)| *of == operand).map(|(_, asked)| asked);
        has_value(known, operand, &asked.collect::<Vec<_>>())
    })
}

const TRUE: &Constant = &Constant::Bool(true);

/// What a condition asks of an operand alone.
fn asked<'c>((condition, hold): Literal<'c>) -> Option<(&'c Operand, Asked<'c>)> {
    match condition {
        Condition::Truth(operand) => {
            Some((operand, Asked::Compared(Comparison::Equal, TRUE, hold)))
        }
        Condition::Compare(comparison, operand, Operand::Constant(value)) => {
            Some((operand, Asked::Compared(*comparison, value, hold)))
        }
        Condition::Compare(comparison, Operand::Constant(value), operand) => {
            Some((operand, Asked::Compared(turned(*comparison), value, hold)))
        }
        Condition::InList(operand, Operand::Constant(Constant::List(values))) => {
            Some((operand, Asked::OneOf(values, hold)))
        }
        Condition::InRange { value, low, high } => {
            Some((value, Asked::Within(low, high.as_ref(), hold)))
        }
        _ => None,
    }
}

fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

impl Asked<'_> {
    /// Whether a value fulfils it; where that cannot be told, it does.
    fn takes(&self, value: &Constant) -> bool {
        match self {
            Asked::Compared(comparison, other, hold) => {
                let Some(order) = order(value, other) else { return true };
                let held = match comparison {
                    Comparison::Equal => order == Ordering::Equal,
                    Comparison::NotEqual => order != Ordering::Equal,
                    Comparison::Less => order == Ordering::Less,
                    Comparison::LessOrEqual => order != Ordering::Greater,
                    Comparison::Greater => order == Ordering::Greater,
                    Comparison::GreaterOrEqual => order != Ordering::Less,
                };
                held == *hold
            }
            Asked::OneOf(values, hold) => values.contains(value) == *hold,
            Asked::Within(low, high, hold) => {
                let above = order(value, low).is_none_or(|order| order != Ordering::Less);
                let below = high.and_then(|high| order(value, high));
                (above && below.is_none_or(|order| order != Ordering::Greater)) == *hold
            }
        }
    }
}

fn order(one: &Constant, other: &Constant) -> Option<Ordering> {
    match (one, other) {
        (Constant::Text(one), Constant::Text(other)) => Some(one.cmp(other)),
        (Constant::Int(one), Constant::Int(other))
        | (Constant::Time(one), Constant::Time(other))
        | (Constant::Duration(one), Constant::Duration(other)) => Some(one.cmp(other)),
        (Constant::Number(one), Constant::Number(other)) => one.partial_cmp(other),
        (Constant::Bool(one), Constant::Bool(other)) => Some(one.cmp(other)),
        (Constant::Member(one), Constant::Member(other)) => Some(one.cmp(other)),
        (Constant::Uuid(one), Constant::Uuid(other)) => Some(one.cmp(other)),
        (Constant::Ip(one), Constant::Ip(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

/// The values that are worth trying, where one of them is asked for or there are no others.
fn has_value(known: &Known<'_>, operand: &Operand, asked: &[Asked<'_>]) -> bool {
    let listed = asked.iter().find_map(|asked| match asked {
        Asked::Compared(Comparison::Equal, value, true)
        | Asked::Compared(Comparison::NotEqual, value, false) => Some(std::slice::from_ref(*value)),
        Asked::OneOf(values, true) => Some(*values),
        _ => None,
    });
    let (possible, low, high) = possible(known, operand);
    let outside = |value: &Constant| {
        low.as_ref().and_then(|low| order(value, low)) == Some(Ordering::Less)
            || high.as_ref().and_then(|high| order(value, high)) == Some(Ordering::Greater)
    };
    let takes = |value: &&Constant| asked.iter().all(|asked| asked.takes(value));
    match (listed, possible) {
        (Some(listed), None) => {
            listed.iter().filter(|value| !outside(value)).any(|value| takes(&value))
        }
        (Some(listed), Some(possible)) => {
            listed.iter().filter(|value| possible.contains(value)).any(|value| takes(&value))
        }
        (None, Some(possible)) => possible.iter().any(|value| takes(&value)),
        (None, None) => is_open(asked, low.as_ref(), high.as_ref()),
    }
}

/// Whether something is left between the bounds that are asked for. (`!=` leaves something of any
/// range that has more than one value.)
fn is_open(asked: &[Asked<'_>], low: Option<&Constant>, high: Option<&Constant>) -> bool {
    // The ends, each with whether it is taken itself.
    let mut lows: Vec<(&Constant, bool)> = low.map(|low| (low, true)).into_iter().collect();
    let mut highs: Vec<(&Constant, bool)> = high.map(|high| (high, true)).into_iter().collect();
    for asked in asked {
        match asked {
            Asked::Compared(comparison, value, hold) => match (comparison, hold) {
                (Comparison::Less, true) | (Comparison::GreaterOrEqual, false) => {
                    highs.push((value, false));
                }
                (Comparison::LessOrEqual, true) | (Comparison::Greater, false) => {
                    highs.push((value, true));
                }
                (Comparison::Greater, true) | (Comparison::LessOrEqual, false) => {
                    lows.push((value, false));
                }
                (Comparison::GreaterOrEqual, true) | (Comparison::Less, false) => {
                    lows.push((value, true));
                }
                _ => {}
            },
            Asked::Within(low, high, true) => {
                lows.push((low, true));
                highs.extend(high.map(|high| (high, true)));
            }
            Asked::Within(low, None, false) => highs.push((low, false)),
            _ => {}
        }
    }
    lows.iter().all(|(low, low_taken)| {
        highs.iter().all(|(high, high_taken)| match order(low, high) {
            Some(Ordering::Greater) => false,
            Some(Ordering::Equal) => *low_taken && *high_taken,
            Some(Ordering::Less) => low_taken | high_taken || !are_next(low, high),
            None => true,
        })
    })
}

/// Whether no int lies between two.
fn are_next(low: &Constant, high: &Constant) -> bool {
    matches!((low, high), (Constant::Int(low), Constant::Int(high)) if low.checked_add(1) == Some(*high))
}

/// Every value that an operand may have, where they are few; or the bounds of an input.
fn possible(
    known: &Known<'_>,
    operand: &Operand,
) -> (Option<Vec<Constant>>, Option<Constant>, Option<Constant>) {
    let plan = known.plan;
    let field = |rule: &Rule| {
        let kind = match &rule.kind {
            FieldType::Plain(kind) => values(plan, kind),
            _ => None,
        };
        let few = &rule.constraints.one_of;
        let number = matches!(rule.kind, FieldType::Plain(Type::Int | Type::Number));
        let end = |bound: Option<Bound>| {
            bound.filter(|_| number).map(|bound| match bound {
                Bound::Int(int) => Constant::Int(int),
                Bound::Number(number) => Constant::Number(number),
            })
        };
        let listed = if few.is_empty() { kind } else { Some(few.clone()) };
        (listed, end(rule.constraints.min), end(rule.constraints.max))
    };
    let route = known.route;
    match operand {
        Operand::Caller(slot) => match plan.caller.get(*slot).map(|found| &found.kind) {
            Some(ClaimType::Plain(kind)) => (values(plan, kind), None, None),
            _ => (None, None, None),
        },
        Operand::Object(place) => {
            let mut resource = route.objects().nth(place.object);
            let mut kind = None;
            for slot in [place.slot].iter().chain(&place.nested) {
                let found = resource.and_then(|index| plan.resources.get(index));
                kind = found.and_then(|found| found.attributes.get(*slot)).map(|found| &found.kind);
                resource = match kind {
                    Some(Type::Resource(index)) => Some(*index),
                    _ => None,
                };
            }
            (kind.and_then(|kind| values(plan, kind)), None, None)
        }
        Operand::Parameter(slot) => {
            route.params.get(*slot).map_or((None, None, None), |found| field(&found.field.rule))
        }
        Operand::Query(slot) => {
            let found = route.query.iter().flat_map(|shape| &shape.fields).nth(*slot);
            found.map_or((None, None, None), |found| field(&found.rule))
        }
        Operand::Header(slot) => {
            let found = route.header.iter().flat_map(|shape| &shape.fields).nth(*slot);
            found.map_or((None, None, None), |found| field(&found.rule))
        }
        Operand::Body(slot) => {
            let found = route.body.as_ref().and_then(|body| body.field(*slot));
            found.map_or((None, None, None), |found| field(&found.rule))
        }
        _ => (None, None, None),
    }
}

fn values(plan: &Plan, kind: &Type) -> Option<Vec<Constant>> {
    match kind {
        Type::Bool => Some(vec![Constant::Bool(false), Constant::Bool(true)]),
        Type::Enumeration(index) => {
            let members = plan.enumerations.get(*index)?.members.len();
            Some((0..members).map(Constant::Member).collect())
        }
        _ => None,
    }
}
