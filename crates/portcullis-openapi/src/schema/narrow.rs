//! A plain value whose type is said beside its shapes.

use std::collections::HashSet;

use super::parts::Parts;
use super::{Kind, Numeric};
use crate::node::Node;

impl<'n> Parts<'n> {
    /// Narrows a text or a number to what any of its shapes lets it be.
    pub(super) fn narrow(&mut self, kind: Kind<'n>, shapes: Vec<Kind<'n>>) -> Kind<'n> {
        if shapes.is_empty() {
            return kind;
        }
        match kind {
            Kind::Text(mut text) => {
                let Some(listed) = texts(shapes) else { return Kind::Text(text) };
                let length = |one: &str| i64::try_from(one.chars().count()).unwrap_or(i64::MAX);
                let known: HashSet<&str> = text.options.iter().copied().collect();
                let fits = |one: &&str| {
                    text.min.is_none_or(|min| min <= length(one))
                        && text.max.is_none_or(|max| length(one) <= max)
                        && (known.is_empty() || known.contains(one))
                };
                let options: Vec<&str> = listed.into_iter().filter(fits).collect();
                if options.is_empty() {
                    self.never("shapes of which no value is of its type and within its bounds");
                }
                text.options = options;
                Kind::Text(text)
            }
            Kind::Int(found) => Kind::Int(self.narrow_number(found, shapes, true)),
            Kind::Number(found) => Kind::Number(self.narrow_number(found, shapes, false)),
            kind => kind,
        }
    }

    fn narrow_number(
        &mut self,
        mut found: Numeric<'n>,
        shapes: Vec<Kind<'n>>,
        whole: bool,
    ) -> Numeric<'n> {
        let Some(shapes) = numbers(shapes) else { return found };
        // The loosest of the shapes, where each has one.
        let lows: Option<Vec<f64>> =
            shapes.iter().map(|one| edge(one, one.min, f64::min)).collect();
        let highs: Option<Vec<f64>> =
            shapes.iter().map(|one| edge(one, one.max, f64::max)).collect();
        if let Some(low) = lows.and_then(|all| all.into_iter().reduce(f64::min)) {
            let low = if whole { low.ceil() } else { low };
            found.min = Some(found.min.map_or(low, |min| min.max(low)));
        }
        if let Some(high) = highs.and_then(|all| all.into_iter().reduce(f64::max)) {
            let high = if whole { high.floor() } else { high };
            found.max = Some(found.max.map_or(high, |max| max.min(high)));
        }
        let listed = shapes.iter().all(|one| !one.options.is_empty());
        let had = !found.options.is_empty();
        if listed {
            let outer: HashSet<u64> = found.options.iter().filter_map(|one| bits(one)).collect();
            let mut seen = HashSet::new();
            let mut options: Vec<&Node> = shapes.into_iter().flat_map(|one| one.options).collect();
            options.retain(|one| {
                bits(one).is_some_and(|one| (!had || outer.contains(&one)) && seen.insert(one))
            });
            found.options = options;
        }
        let within = |one: &&Node| {
            one.number().is_some_and(|number| {
                found.min.is_none_or(|min| min <= number)
                    && found.max.is_none_or(|max| number <= max)
                    && (!whole || one.int().is_some())
            })
        };
        let options: Vec<&Node> = found.options.iter().copied().filter(within).collect();
        let empty = matches!((found.min, found.max), (Some(min), Some(max)) if min > max);
        if empty || (listed || had) && options.is_empty() {
            self.never("shapes of which no value is of its type and within its bounds");
        }
        Numeric { options, ..found }
    }
}

/// The texts of shapes that each list theirs.
fn texts<'n>(shapes: Vec<Kind<'n>>) -> Option<Vec<&'n str>> {
    let mut all: Vec<&str> = Vec::new();
    for shape in shapes {
        match shape {
            Kind::Text(text) if !text.options.is_empty() => all.extend(text.options),
            _ => return None,
        }
    }
    let mut seen = HashSet::new();
    all.retain(|one| seen.insert(*one));
    Some(all)
}

fn numbers<'n>(shapes: Vec<Kind<'n>>) -> Option<Vec<Numeric<'n>>> {
    let number = |shape| match shape {
        Kind::Int(found) | Kind::Number(found) => Some(found),
        _ => None,
    };
    shapes.into_iter().map(number).collect()
}

/// Where a shape ends: at its bound, or at the last of its values.
fn edge(shape: &Numeric<'_>, bound: Option<f64>, outermost: fn(f64, f64) -> f64) -> Option<f64> {
    let values = shape.options.iter().filter_map(|one| one.number());
    values.reduce(outermost).or(bound)
}

/// The same for two numbers that are one: `0` and `-0.0` are.
fn bits(one: &Node) -> Option<u64> {
    one.number().map(|number| (number + 0.0).to_bits())
}
