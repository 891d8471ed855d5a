//! `near_miss_name`: two names of one kind differ by a slip.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{Item, ResourceClause};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::declared::{items, resources, roles};
use crate::rule::{Owasp, Rule};
use crate::words::plain;

pub(crate) const RULE: Rule = Rule {
    name: "near_miss_name",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization, Owasp::Misconfiguration],
    finds: "Two roles, scopes, budgets, predicates of a resource, or permissions that are granted and asked for, have names \
            that differ by a letter, by a plural or by `_`.",
    why: "Sooner or later one is written where the other is meant, and nothing notices: both are declared. Numbers are not \
          slips.",
    example: with_access!(
        r#"
role reader   { read:books }
role reader_s { read:shelves }

group /v1 {
    accept [access]

    route GET /books {
        needs    read:books
        returns  nothing
    }

    route GET /shelves {
        needs    read:shelves
        returns  nothing
    }
}
"#
    ),
    mend: "Keep one of them, or let the name say what the difference is.",
    mended: with_access!(
        r#"
role reader { read:books }
role warden { read:shelves }

group /v1 {
    accept [access]

    route GET /books {
        needs    read:books
        returns  nothing
    }

    route GET /shelves {
        needs    read:shelves
        returns  nothing
    }
}
"#
    ),
    check: Some(check),
};

/// A name, or the part of it that may differ.
struct Name {
    part: String,
    whole: String,
    place: Span,
}

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (kind, names) in names(compilation) {
        let mut by_variant: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            for variant in variants(&name.part) {
                by_variant.entry(variant).or_default().push(index);
            }
        }
        let mut pairs = BTreeSet::new();
        for same in by_variant.values() {
            for (place, one) in same.iter().enumerate() {
                pairs.extend(
                    same.iter().skip(place + 1).map(|other| (*one.min(other), *one.max(other))),
                );
            }
        }
        for (one, other) in pairs {
            let (Some(one), Some(other)) = (names.get(one), names.get(other)) else { continue };
            if near(&one.part, &other.part) {
                let kind = kind.split(' ').next().unwrap_or_default();
                let (first, second) =
                    if one.place <= other.place { (one, other) } else { (other, one) };
                let message =
                    format!("the {kind}s `{}` and `{}` are nearly one", first.whole, second.whole);
                found.push(
                    RULE.finding(second.place, message)
                        .and(first.place, "the other one")
                        .help("keep one of them, or let the name say what the difference is"),
                );
            }
        }
    }
    found
}

/// The names, by what they could be taken for each other in.
fn names(compilation: &Compilation) -> BTreeMap<String, Vec<Name>> {
    let mut names: BTreeMap<String, Vec<Name>> = BTreeMap::new();
    let mut add = |kind: String, part: &str, whole: &str, place: Span| {
        let name = Name { part: part.to_owned(), whole: whole.to_owned(), place };
        names.entry(kind).or_default().push(name);
    };
    for item in items(compilation) {
        let (kind, name) = match item {
            Item::Role(found) => ("role", &found.name),
            Item::Scope(found) => ("scope", &found.name),
            Item::Budget(found) => ("budget", &found.name),
            _ => continue,
        };
        add(kind.to_owned(), &name.node, &name.node, name.span);
    }
    for resource in resources(compilation) {
        for clause in &resource.clauses {
            if let ResourceClause::Predicate { name, .. } = clause {
                let kind = format!("predicate of {}", resource.name.node);
                add(kind, &name.node, &name.node, name.span);
            }
        }
    }
    let needed = needed(compilation);
    let mut seen = HashSet::new();
    let grants = roles(compilation).flat_map(|role| &role.grants);
    for grant in grants.filter(|grant| needed.contains(grant.node.as_str())) {
        if !seen.insert(&grant.node) {
            continue;
        }
        let parts = grant.node.split(':').collect::<Vec<_>>();
        for (place, part) in parts.iter().enumerate() {
            let mut others = parts.clone();
            if let Some(slot) = others.get_mut(place) {
                *slot = "…";
            }
            add(format!("permission {}", others.join(":")), part, &grant.node, grant.span);
        }
    }
    names
}

/// What is granted and not needed, or needed and not granted, other rules tell.
fn needed(compilation: &Compilation) -> HashSet<&str> {
    let Some(plan) = compilation.plans.first() else {
        return HashSet::new();
    };
    let needs = plan.routes.iter().flat_map(|route| &route.needs);
    let needs = needs.chain(plan.actions.iter().flat_map(|action| &action.needs));
    let indexes = needs.flat_map(|needed| &needed.any);
    indexes.filter_map(|index| plan.permissions.get(*index)).map(String::as_str).collect()
}

/// A name, and what is left of it without one letter: what two that differ by a slip have in common.
fn variants(name: &str) -> HashSet<String> {
    let name = plain(name);
    let letters = name.char_indices().filter(|(_, letter)| !letter.is_numeric());
    let without = |(place, letter): (usize, char)| {
        let rest = name.get(place + letter.len_utf8()..).unwrap_or_default();
        format!("{}{rest}", name.get(..place).unwrap_or_default())
    };
    letters.map(without).chain([name.clone()]).collect()
}

fn near(one: &str, other: &str) -> bool {
    let (one, other) = (plain(one), plain(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    if one == other || (short.len() > 2 && *long == format!("{short}s")) {
        return true;
    }
    let letters = |text: &String| text.chars().filter(|c| !c.is_numeric()).collect::<String>();
    if letters(&one) == letters(&other) {
        return false;
    }
    let (short, long) = (short.chars().collect::<Vec<_>>(), long.chars().collect::<Vec<_>>());
    let same = short.iter().zip(&long).take_while(|(one, other)| one == other).count();
    let tail = |list: &[char], skip: usize| list.get(same + skip..).map(<[char]>::to_vec);
    // Short words of few letters are often neighbours by chance.
    let slips = short.len() >= 5
        && ((long.len() == short.len() + 1 && tail(&short, 0) == tail(&long, 1))
            || (long.len() == short.len()
                && tail(&short, 2) == tail(&long, 2)
                && short.get(same) == long.get(same + 1)
                && short.get(same + 1) == long.get(same)));
    let mistyped =
        short.len() >= 8 && short.len() == long.len() && tail(&short, 1) == tail(&long, 1);
    slips || mistyped
}

#[cfg(test)]
mod tests {
    use super::near;
    use crate::rules::count;

    #[test]
    fn a_slip_is_a_letter_a_plural_or_a_stroke() {
        for (one, other) in [
            ("sign_in", "signin"),
            ("order", "orders"),
            ("per_caller", "per_calller"),
            ("manager", "mangaer"),
            ("per_caller", "per_cakler"),
        ] {
            assert!(near(one, other) && near(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("own", "owner"),
            ("reader", "leader"),
            ("sign_in", "sign_up"),
            ("tier_1", "tier_2"),
            ("read", "lead"),
            ("user", "users2"),
            ("active", "inactive"),
        ] {
            assert!(!near(one, other) && !near(other, one), "{one} {other}");
        }
    }

    #[test]
    fn names_of_one_kind_are_told_apart() {
        let found = |more: &str| {
            let policy = format!(
                "role user {{ read:order read:orders }} {more}
                resource order {{ key id: uuid user: string
                    predicate owner {{ order.user == caller.id }} view v {{ id }} }}
                route GET /o {{ accept [access] needs read:orders returns nothing }}"
            );
            count("near_miss_name", &policy)
        };
        // Nothing asks for `read:order`, which another rule tells.
        assert_eq!(found(""), 0);
        assert_eq!(found("route GET /p { accept [access] needs read:order returns nothing }"), 1);
        assert_eq!(found("role users {}"), 1);
        assert_eq!(found("role users { waive near_miss_name \"a test\" }"), 0);
        assert_eq!(found("budget user { limit 1 per 1m } budget users { limit 1 per 1m }"), 1);
        assert_eq!(found("budget user { limit 1 per 1m }"), 0);
    }
}
