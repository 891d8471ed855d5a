//! What schemas say together of a number.

use super::Numeric;
use super::parts::Parts;
use crate::node::Node;

/// Beyond it one number stands for several ints.
const EXACT: f64 = 9_007_199_254_740_991.0;

impl<'n> Parts<'n> {
    pub(super) fn numeric(&mut self, whole: bool) -> Numeric<'n> {
        let mut open = false;
        let mut tightest = |inclusive: &str, exclusive: &str, step: f64| {
            let mut best: Option<(f64, bool)> = None;
            for part in &self.all {
                let number = |key: &str| part.get(key).and_then(Node::number);
                // 3.0 says it of the bound, 3.1 has a bound of its own.
                let of_bound = part.is(exclusive);
                let here = [(number(inclusive), of_bound), (number(exclusive), true)];
                for (bound, apart) in here {
                    let Some(bound) = bound.filter(|bound| bound.is_finite()) else { continue };
                    let tighter = best.is_none_or(|(known, known_apart)| {
                        (bound - known) * step > 0.0 || (bound == known && apart && !known_apart)
                    });
                    if tighter {
                        best = Some((bound, apart));
                    }
                }
            }
            best.map(|(bound, apart)| {
                if apart && whole && bound.fract() == 0.0 {
                    return bound + step;
                }
                open |= apart && !whole;
                if apart && !whole { beside(bound, step) } else { bound }
            })
        };
        let min = tightest("minimum", "exclusiveMinimum", 1.0);
        let max = tightest("maximum", "exclusiveMaximum", -1.0);
        if open {
            self.note("an open bound");
        }
        let round =
            |value: Option<f64>, to: fn(f64) -> f64| value.map(|n| if whole { to(n) } else { n });
        let (mut min, mut max) = (round(min, f64::ceil), round(max, f64::floor));
        let formats: Vec<&str> = self.every("format").filter_map(Node::text).collect();
        for format in formats {
            let (low, high) = match range(format) {
                Some(range) if whole => range,
                _ if ["", "int64", "float", "double"].contains(&format) => continue,
                _ => {
                    self.note(&format!("the format `{format}`"));
                    continue;
                }
            };
            min = Some(min.map_or(low, |min| min.max(low)));
            max = Some(max.map_or(high, |max| max.min(high)));
        }
        // Beyond these a bound is not said, and one that is left out would let in more.
        if min.is_some_and(|min| min > EXACT) || max.is_some_and(|max| max < -EXACT) {
            self.never("a bound beyond all numbers that are exact");
        }
        (min, max) = (min.map(|min| min.max(-EXACT)), max.map(|max| max.min(EXACT)));
        if matches!((min, max), (Some(min), Some(max)) if min > max) {
            self.never("a `minimum` above the `maximum`");
        }
        let within = |number: f64| {
            number.abs() <= EXACT
                && min.is_none_or(|min| min <= number)
                && max.is_none_or(|max| number <= max)
        };
        let options = self.options(|value| match whole {
            true => value.int().is_some_and(|int| within(int as f64)),
            false => value.number().is_some_and(within),
        });
        Numeric { min, max, options }
    }
}

/// The least and the largest of an integer format of the registry of OpenAPI.
fn range(format: &str) -> Option<(f64, f64)> {
    Some(match format {
        "int8" => (f64::from(i8::MIN), f64::from(i8::MAX)),
        "int16" => (f64::from(i16::MIN), f64::from(i16::MAX)),
        "int32" => (f64::from(i32::MIN), f64::from(i32::MAX)),
        "uint8" => (0.0, f64::from(u8::MAX)),
        "uint16" => (0.0, f64::from(u16::MAX)),
        "uint32" => (0.0, f64::from(u32::MAX)),
        "uint64" => (0.0, EXACT),
        _ => return None,
    })
}

/// A bound that is none of the values, as one that is: the next one, or of tiny ones one that is easily
/// written, so that it lets in less and never more.
fn beside(bound: f64, step: f64) -> f64 {
    const TINY: f64 = 0.000_000_001;
    let next = if step > 0.0 { bound.next_up() } else { bound.next_down() };
    if bound.abs() < TINY { bound + step * TINY } else { next }
}
