//! Values that an input takes.

use std::cell::Cell;

use portcullis_compiler::plan::{
    Bound, Characters, Constant, Constraints, Field, FieldType, Format, HostPattern, Plan, Rule,
    Shape, Type, time_text,
};
use serde_json::{Map, Value};

use super::pattern;
use crate::exchange::CLOCK;

/// An hour, in nanoseconds.
const HOUR: i64 = 3_600_000_000_000;

/// Makes values up: the same ones each time, and no two alike where one could stand for the other.
pub(super) struct Maker<'p> {
    pub(super) plan: &'p Plan,
    count: Cell<i64>,
}

/// What no value could be made for, and something that stands there: a caller who is refused before it is
/// read is refused all the same.
pub(super) struct Made {
    pub(super) value: Value,
    pub(super) failed: Vec<String>,
}

impl<'p> Maker<'p> {
    pub(super) fn new(plan: &'p Plan) -> Maker<'p> {
        Maker { plan, count: Cell::new(0) }
    }

    /// An object with the fields that must be sent, and no more of them than that.
    pub(super) fn object(&self, shape: &Shape) -> Made {
        let least = shape.present.map_or(0, |(least, _)| least);
        let must = |field: &&Field| !field.optional && field.default.is_none();
        let mut sent = shape.fields.iter().filter(must).collect::<Vec<_>>();
        // What anybody may set goes before what only some may.
        for settable in [false, true] {
            let spare = shape.fields.iter().filter(|field| !must(field));
            let spare = spare.filter(|field| field.settable.is_some() == settable);
            sent.extend(spare.take(least.saturating_sub(sent.len())));
        }
        let mut object = Map::new();
        let mut failed = Vec::new();
        for field in sent {
            let made = self.field(field);
            failed.extend(made.failed);
            object.insert(field.wire.clone(), made.value);
        }
        Made { value: Value::Object(object), failed }
    }

    pub(super) fn field(&self, field: &Field) -> Made {
        self.rule(&field.name, &field.rule)
    }

    fn rule(&self, name: &str, rule: &Rule) -> Made {
        let constraints = &rule.constraints;
        match &rule.kind {
            FieldType::Plain(kind) => match self.plain(name, kind, constraints) {
                Some(value) => Made { value, failed: Vec::new() },
                None => Made { value: Value::from("?"), failed: vec![name.to_owned()] },
            },
            FieldType::List(element) => {
                let count = match constraints.min {
                    Some(Bound::Int(least)) => usize::try_from(least).unwrap_or(0),
                    _ => 0,
                };
                let made = (0..count).map(|_| self.rule(name, element)).collect::<Vec<_>>();
                let failed = made.iter().flat_map(|made| made.failed.clone()).take(1).collect();
                Made { value: made.into_iter().map(|made| made.value).collect(), failed }
            }
            FieldType::Input(shape) => self.object(shape),
        }
    }

    fn plain(&self, name: &str, kind: &Type, constraints: &Constraints) -> Option<Value> {
        if let Some(one) = constraints.one_of.first() {
            return self.constant(one, kind);
        }
        Some(match kind {
            Type::String => Value::from(text(name, constraints)?),
            Type::Int => Value::from(between(constraints, 1, |bound| match bound {
                Bound::Int(value) => Some(value),
                Bound::Number(_) => None,
            })),
            Type::Number => Value::from(between(constraints, 1.0, |bound| match bound {
                Bound::Int(value) => Some(value as f64),
                Bound::Number(value) => Some(value),
            })),
            Type::Bool => Value::Bool(true),
            // Later ones are later, as `from` and `until` should be.
            Type::Time => {
                Value::from(time_text(CLOCK.saturating_add(HOUR.saturating_mul(self.next()))))
            }
            Type::Duration => Value::from(format!("{}m", self.next())),
            Type::Ip => Value::from(format!("192.0.2.{}", self.next() % 250)),
            Type::Network => Value::from("192.0.2.0/24"),
            Type::Uuid => Value::from(format!("6b1f0c9e-0000-4000-8000-{:012}", self.next())),
            Type::Url => Value::from(self.url(constraints)?),
            Type::Enumeration(index) => {
                let (_, wire) = self.plan.enumerations.get(*index)?.members.first()?;
                Value::from(wire.as_str())
            }
            Type::Resource(_) | Type::List(_) => return None,
        })
    }

    fn next(&self) -> i64 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    fn constant(&self, constant: &Constant, kind: &Type) -> Option<Value> {
        Some(match constant {
            Constant::Text(text) => Value::from(text.as_str()),
            Constant::Int(value) => Value::from(*value),
            Constant::Number(value) => Value::from(*value),
            Constant::Bool(value) => Value::from(*value),
            Constant::Time(nanos) => Value::from(time_text(*nanos)),
            Constant::Duration(nanos) => Value::from(format!("{}s", nanos / 1_000_000_000)),
            Constant::Ip(address) => Value::from(address.to_string()),
            Constant::Network(network) => {
                Value::from(format!("{}/{}", network.address(), network.prefix()))
            }
            Constant::Uuid(value) => Value::from(uuid_text(*value)),
            Constant::Member(place) => match kind {
                Type::Enumeration(index) => {
                    let (_, wire) = self.plan.enumerations.get(*index)?.members.get(*place)?;
                    Value::from(wire.as_str())
                }
                _ => return None,
            },
            Constant::List(_) => return None,
        })
    }

    /// A URL that the service may fetch, where it is to.
    fn url(&self, constraints: &Constraints) -> Option<String> {
        let Some(through) = constraints.through else {
            return Some("https://example.com/".to_owned());
        };
        let outbound = self.plan.outbounds.get(through)?;
        let scheme = outbound.schemes.first()?.as_str();
        let host = match outbound.hosts.as_deref() {
            None => "example.com".to_owned(),
            Some(hosts) => match hosts.first()? {
                HostPattern::Name(name) => name.clone(),
                HostPattern::Below(name) => format!("www.{name}"),
                HostPattern::Address(address) if address.is_ipv6() => format!("[{address}]"),
                HostPattern::Address(address) => address.to_string(),
            },
        };
        Some(format!("{scheme}://{host}:{}/", outbound.ports.first()?))
    }
}

/// A text that fulfils the constraints; nothing, where none of those that are tried does.
fn text(name: &str, constraints: &Constraints) -> Option<String> {
    let wanted = constraints.containing.iter().filter_map(|set| match set {
        Characters::Lower => Some('a'),
        Characters::Upper => Some('A'),
        Characters::Digit => Some('1'),
        Characters::Of(text) => text.chars().next(),
    });
    let wanted = wanted.collect::<String>();
    let mut tried = match constraints.format {
        None => vec![sized(&wanted, name, constraints)],
        Some(Format::Email) => vec!["ann@example.com".to_owned()],
        Some(Format::Slug) => vec![sized("", &name.replace('_', "-"), constraints)],
        Some(Format::Ip) => vec!["192.0.2.7".to_owned()],
        Some(Format::Date) => vec!["2026-01-31".to_owned()],
        Some(Format::Time) => vec!["2026-01-31T09:30:00Z".to_owned()],
    };
    if let Some(expression) = &constraints.matching {
        tried.extend(pattern::examples(expression.as_str(), &wanted));
    }
    tried.into_iter().find(|text| {
        let mut fulfilled = true;
        constraints.of_text(&constraints.normal(text), &mut |_| fulfilled = false);
        fulfilled
    })
}

/// A text of a length that the constraints allow, with all of `wanted` in it.
fn sized(wanted: &str, name: &str, constraints: &Constraints) -> String {
    let bound = |bound: Option<Bound>, other: usize| match bound {
        Some(Bound::Int(count)) => usize::try_from(count).unwrap_or(other),
        _ => other,
    };
    let (least, most) = (bound(constraints.min, 0), bound(constraints.max, usize::MAX));
    let mut text = wanted.chars().chain(name.chars()).take(most).collect::<String>();
    // A body limit is far below this, and a policy may ask for any number.
    let missing = least.min(1 << 16).saturating_sub(text.chars().count());
    text.extend(std::iter::repeat_n('a', missing));
    text
}

/// The usual value, or the bound that it does not keep to.
fn between<T: PartialOrd + Copy>(
    constraints: &Constraints,
    usual: T,
    of: impl Fn(Bound) -> Option<T>,
) -> T {
    let (least, most) = (constraints.min.and_then(&of), constraints.max.and_then(&of));
    match (least, most) {
        (Some(least), _) if usual < least => least,
        (_, Some(most)) if usual > most => most,
        _ => usual,
    }
}

/// A UUID in its 36-character form.
pub(super) fn uuid_text(value: u128) -> String {
    let digits = format!("{value:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("");
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
