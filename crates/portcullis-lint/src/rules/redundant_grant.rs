//! `redundant_grant`: a role grants what it has already.

use std::collections::HashMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Bits;
use portcullis_syntax::ast::Role;
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::declared::roles;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "redundant_grant",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A role grants a permission that it inherits, or grants it twice.",
    why: "Whoever takes the permission away from one role believes that it is gone, and it stays by the other.",
    example: with_access!(
        r#"
role reader                     { read:books }
role librarian  inherits reader { read:books write:books }

group /books {
    accept  [access]
    needs   read:books

    route GET / { returns nothing }

    route POST / {
        needs    write:books
        returns  nothing
    }
}
"#
    ),
    mend: "Take the grant away; `portcullis lint --fix` does.",
    mended: with_access!(
        r#"
role reader                     { read:books }
role librarian  inherits reader { write:books }

group /books {
    accept  [access]
    needs   read:books

    route GET / { returns nothing }

    route POST / {
        needs    write:books
        returns  nothing
    }
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let granted = Granted::of(compilation);
    let mut found = Vec::new();
    for place in &granted.places {
        let mut before = HashMap::new();
        for grant in &place.role.grants {
            let twice = before.insert(grant.node.as_str(), grant.span);
            let twice = twice.map(|other| (other, "here already".to_owned()));
            let above = granted.above(place, &grant.node);
            let above = above.map(|(from, span)| (span, format!("by `{from}`")));
            let Some((span, how)) = above.or(twice) else { continue };
            let message = format!("`{}` has `{}` already", place.role.name.node, grant.node);
            found.push(
                RULE.finding(grant.span, message)
                    .and(span, how)
                    .help("take it away")
                    .edit(grant.span, ""),
            );
        }
    }
    found
}

/// How far up the grant is looked for that another is made idle by. Behind that, the finding shows the role that has
/// it, and not the place: so a chain of very many roles is gone through once, and not once for each of them.
const STEPS: usize = 64;

/// What roles grant, by the text: a policy may have very many of them.
struct Granted<'c> {
    places: Vec<Place<'c>>,
    /// Every text that is granted somewhere.
    texts: HashMap<&'c str, usize>,
}

/// A role among the others.
struct Place<'c> {
    role: &'c Role,
    /// What it inherits, by index.
    parents: Vec<usize>,
    /// What it grants itself, and where first.
    own: HashMap<usize, Span>,
    /// The same, and all that it inherits.
    all: Bits,
}

impl<'c> Granted<'c> {
    fn of(compilation: &'c Compilation) -> Granted<'c> {
        let by_name: HashMap<&str, usize> =
            roles(compilation).map(|role| role.name.node.as_str()).zip(0..).collect();
        let mut texts = HashMap::new();
        let mut places = Vec::new();
        for role in roles(compilation) {
            let parents = role.inherits.iter().filter_map(|name| by_name.get(&*name.node));
            let parents = parents.copied().collect();
            let (mut own, mut all) = (HashMap::new(), Bits::default());
            for grant in &role.grants {
                let next = texts.len();
                let text = *texts.entry(grant.node.as_str()).or_insert(next);
                own.entry(text).or_insert(grant.span);
                all.add(text);
            }
            places.push(Place { role, parents, own, all });
        }
        let mut granted = Granted { places, texts };
        granted.inherit();
        granted
    }

    /// Gives to each role what it inherits, those first that others inherit. A chain may be longer than a call stack.
    fn inherit(&mut self) {
        let mut done = vec![false; self.places.len()];
        let mut waiting: Vec<(usize, usize)> =
            (0..self.places.len()).rev().map(|index| (index, 0)).collect();
        while let Some((index, next)) = waiting.pop() {
            if done.get(index).is_none_or(|done| *done) {
                continue;
            }
            let parent = self.places.get(index).and_then(|place| place.parents.get(next)).copied();
            let Some(parent) = parent else {
                done.iter_mut().skip(index).take(1).for_each(|done| *done = true);
                continue;
            };
            if done.get(parent) == Some(&false) {
                waiting.extend([(index, next), (parent, 0)]);
                continue;
            }
            let inherited = self.places.get(parent).map(|parent| parent.all.clone());
            if let (Some(place), Some(inherited)) = (self.places.get_mut(index), inherited) {
                place.all.join(&inherited);
            }
            waiting.push((index, next + 1));
        }
    }

    /// From where a role inherits a permission that it grants: the nearest role that grants it, and where.
    fn above(&self, place: &Place<'c>, grant: &str) -> Option<(&'c str, Span)> {
        let covering = covering(grant);
        let covering = covering.iter().filter_map(|text| self.texts.get(text.as_str()));
        let covering = covering.copied().collect::<Vec<_>>();
        let has = |place: &&Place<'c>| covering.iter().any(|text| place.all.has(*text));
        let up = |place: &Place<'c>| {
            let parents = place.parents.iter().filter_map(|index| self.places.get(*index));
            parents.clone().find(has)
        };
        let mut at = up(place)?;
        for _ in 0..STEPS {
            let own = covering.iter().find_map(|text| at.own.get(text));
            match (own, up(at)) {
                (Some(span), _) => return Some((&at.role.name.node, *span)),
                (None, Some(above)) => at = above,
                (None, None) => break,
            }
        }
        Some((&at.role.name.node, at.role.name.span))
    }
}

/// Every grant that gives a permission: with `*` in the place of any of its segments, which are four at most.
fn covering(grant: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for (place, segment) in grant.split(':').enumerate() {
        let between = if place == 0 { "" } else { ":" };
        let ends = if segment == "*" { &["*"][..] } else { &[segment, "*"] };
        all = all
            .iter()
            .flat_map(|begin| ends.iter().map(move |end| format!("{begin}{between}{end}")))
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use portcullis_syntax::Diagnostic;

    use crate::rules::{count, found};

    #[test]
    fn a_role_grants_what_it_has_not() {
        let found = |role: &str| {
            let policy = format!(
                "role user {{ read:a }} role head inherits user {{ write:* }} {role}
                route PUT /a {{ accept [access] needs [read:a write:a edit:a] returns nothing }}"
            );
            count("redundant_grant", &policy)
        };
        assert_eq!(found("role other { read:a write:a edit:a }"), 0);
        assert_eq!(found("role other inherits user { edit:a }"), 0);
        assert_eq!(found("role other inherits user { read:a edit:a }"), 1);
        assert_eq!(found("role other inherits head { read:a write:a edit:a }"), 2);
        assert_eq!(found("role other inherits [user, head] { read:a }"), 1);
        assert_eq!(found("role other { edit:a edit:a }"), 1);
        // One that is wider is none that it has.
        assert_eq!(found("role other inherits user { read:* }"), 0);
        assert_eq!(
            found("role other inherits user { read:a waive redundant_grant \"a test\" }"),
            0
        );
    }

    #[test]
    fn a_long_chain_is_gone_through_once() {
        // The nearest role has it: the place of the grant is told, wherever the roles stand.
        let policy =
            "role c inherits b { read:a } role b inherits [d, a] {} role a { read:* } role d {}
            route GET /a { accept [access] needs read:a returns nothing }";
        let policy = format!("{}{policy}", with_access!(""));
        let labels = |policy: &str| {
            let found = found(policy);
            let found = found.into_iter().filter(|found| found.code.as_str() == "redundant_grant");
            let labels = |found: Diagnostic| found.labels.into_iter().map(|label| label.text);
            found.map(|found| labels(found).nth(1).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(labels(&policy), ["by `a`"]);

        // Every role of the chain would be gone through for each that grants again what the first one does.
        let many = 4_000;
        let mut chain = format!("{}role r0 {{ read:a }}\n", with_access!(""));
        for index in 1..many {
            let grants = if index % 2 == 0 { "read:a" } else { "" };
            let waiver = "waive equal_roles \"a test\"";
            chain += &format!("role r{index} inherits r{} {{ {grants} {waiver} }}\n", index - 1);
        }
        chain += "route GET /a { accept [access] needs read:a returns nothing }";
        let labels = labels(&chain);
        assert_eq!(labels.len(), many / 2 - 1);
        assert_eq!(labels.last().unwrap(), &format!("by `r{}`", many - 4));
    }

    #[test]
    fn what_is_far_up_is_found_too() {
        let mut chain = format!("{}role r0 {{ read:a }}\n", with_access!(""));
        let last = 3 * super::STEPS;
        for index in 1..=last {
            let grants = if index == last { "read:a" } else { "" };
            chain += &format!("role r{index} inherits r{} {{ {grants} }}\n", index - 1);
        }
        chain += "route GET /a { accept [access] needs read:a returns nothing }";
        let found = found(&chain);
        let mut far = found.iter().filter(|found| found.code.as_str() == "redundant_grant");
        let far = far.next().unwrap();
        let label = &far.labels.get(1).unwrap().text;
        assert_eq!(label, &format!("by `r{}`", last - 1 - super::STEPS));
    }
}
