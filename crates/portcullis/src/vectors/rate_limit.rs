//! Header lines that tell what is left of budgets.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use sfv::{BareItem, FieldType, List, ListEntry, Parser};

use super::{text, vectors};
use crate::answers::rate_limit::{Told, list};

/// The examples of draft-ietf-httpapi-ratelimit-headers: each is read as a structured field, and what is
/// read of it is printed again the same.
#[test]
fn rate_limits_are_printed_as_the_draft_has_them() {
    let Some(cases) = vectors("ratelimit/ietf-draft-examples.json") else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases.as_array().unwrap() {
        let (field, value) = (text(case, "field"), text(case, "value"));
        let items: List = Parser::new(value).parse().unwrap();
        let told: Result<Vec<_>, _> = items.iter().map(|item| read(field, item)).collect();
        let outcome = match told {
            Ok(told) if field == "RateLimit-Policy" => {
                let printed = list(told.iter().map(Told::policy));
                assert_eq!(Some(printed), items.serialize(), "{value}");
                "a policy, printed again the same"
            }
            Ok(told) => {
                let printed = list(told.iter().map(Told::state));
                assert_eq!(Some(printed), items.serialize(), "{value}");
                "a state, printed again the same"
            }
            Err(why) => why,
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("rate limits: {counts:#?}");
    let expected = BTreeMap::from([
        ("a policy, printed again the same", 13),
        ("a state, printed again the same", 19),
        ("never sent: names that are tokens, of an earlier draft", 4),
        ("never sent: `pk` and `qu`, which tell key and unit", 4),
        ("never sent: `burst`, which is no parameter of the draft", 2),
        ("never sent: `q` in a state, of an earlier draft", 2),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 44);
}

/// What one item says; or why none of ours ever says it.
fn read<'a>(field: &str, item: &'a ListEntry) -> Result<Told<'a>, &'static str> {
    let ListEntry::Item(item) = item else { panic!("a list of lists") };
    let name = match &item.bare_item {
        BareItem::String(name) => name.as_str(),
        _ => return Err("never sent: names that are tokens, of an earlier draft"),
    };
    let is_policy = field == "RateLimit-Policy";
    let window = NonZeroU32::MIN;
    let mut told = Told { name, limit: 0, window, remaining: 0, reset: None };
    for (key, value) in &item.params {
        let number = || u64::try_from(value.as_integer().unwrap()).unwrap();
        let seconds = || NonZeroU32::new(number().try_into().unwrap()).unwrap();
        match (key.as_str(), is_policy) {
            ("q", true) => told.limit = number(),
            ("w", true) => told.window = seconds(),
            ("r", false) => told.remaining = number(),
            ("t", false) => told.reset = Some(seconds()),
            ("pk" | "qu", _) => return Err("never sent: `pk` and `qu`, which tell key and unit"),
            ("burst", true) => {
                return Err("never sent: `burst`, which is no parameter of the draft");
            }
            ("q", false) => return Err("never sent: `q` in a state, of an earlier draft"),
            (key, _) => panic!("an unknown parameter: {key}"),
        }
    }
    Ok(told)
}
