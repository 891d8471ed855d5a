//! Made-up routes, in groups and by themselves.

use std::fmt::Write as _;

use super::Dice;
use super::conditions::{Caller, Scope, required, when};
use super::policies::{PERMISSIONS, reason};

/// `{id}` names an item, `{x}` a shelf.
const PATHS: &[&str] = &[
    "/a",
    "/a/{id}",
    "/a/b",
    "/{x}/b",
    "/a/{id}/c",
    "/a/b/{y}",
    "/{r...}",
    "/a/{r...}",
    "/a/",
    "/s/{x}/{id}",
    "/s/{x}",
];

pub(super) fn routes(dice: &mut Dice, key: &str, text: &mut String) {
    let grouped = dice.chance(2);
    let mut taken: Vec<(&str, String)> = Vec::new();
    let mut group = Group::default();
    if grouped {
        group.accept = dice.one(&["[access]", "[access, pat]"]);
        let _ = writeln!(text, "group /a {{\n accept {}", group.accept);
        if dice.chance(2) {
            group.budget = true;
            text.push_str(" budget [one]\n");
        }
        let scope = Scope::default();
        if dice.chance(3) {
            let _ = writeln!(text, " deny {} {}", when(dice, scope.loosening()), reason(dice));
        }
        if dice.chance(4) {
            let _ = writeln!(text, " require {} {}", required(dice, scope), reason(dice));
        }
        if dice.chance(3) {
            group.needs = true;
            let _ = writeln!(text, " needs {}", dice.one(PERMISSIONS));
        }
    }
    for _ in 0..=dice.below(4) {
        let methods = ["GET", "PUT", "POST", "DELETE"];
        let method = dice.one(&methods);
        let path = dice.one(PATHS);
        let shape = path.replace("{id}", "{}").replace("{x}", "{}").replace("{y}", "{}");
        if taken.contains(&(method, shape.clone())) {
            continue;
        }
        taken.push((method, shape));
        route(dice, method, path, key, group, text);
    }
    if grouped {
        text.push_str("}\n");
    }
}

/// What stands around a route.
#[derive(Clone, Copy, Default)]
struct Group {
    accept: &'static str,
    budget: bool,
    needs: bool,
}

/// What a route does with objects.
#[derive(Clone, Copy, Default)]
struct Objects {
    loads_item: bool,
    loads_shelf: bool,
    lists: bool,
    creates: bool,
}

fn route(dice: &mut Dice, method: &str, path: &str, key: &str, group: Group, text: &mut String) {
    let _ = writeln!(text, "route {method} {path} {{");
    if dice.chance(16) {
        text.push_str(" retired\n");
    }
    let public = dice.chance(5);
    let optional = !public && dice.chance(5);
    if public {
        text.push_str(" public\n");
    }
    if optional {
        text.push_str(" public optional\n");
    }
    let accept = if group.accept.is_empty() || dice.chance(2) {
        let wide = group.accept.is_empty() || group.accept.contains("pat");
        if wide {
            dice.one(&["[access]", "[access, pat]", "[pat, access]", "[pat]"])
        } else {
            "[access]"
        }
    } else {
        group.accept
    };
    if !public {
        let _ = writeln!(text, " accept {accept}");
    }
    let caller = match (public || optional, accept) {
        (true, _) => Caller::Unknown,
        (false, "[access]") => Caller::Access,
        (false, _) => Caller::Any,
    };
    let body = method != "GET" && dice.chance(2);
    let (has_id, has_shelf) = (path.contains("{id}"), path.contains("{x}"));
    params(path, key, text);
    if body {
        text.push_str(" body change\n");
    }
    let objects = objects(dice, has_id, has_shelf, text);
    let item = objects.loads_item || objects.lists || objects.creates;
    let scope = Scope {
        caller,
        action: false,
        params: has_id,
        body,
        item,
        shelf: objects.loads_shelf,
        predicates: true,
        ..Scope::default()
    };
    let signed_in = !public && !optional && dice.chance(5);
    if signed_in {
        text.push_str(" signed_in\n");
    }
    let does = item && !public && !optional && dice.chance(4);
    if does {
        text.push_str(" does touch\n");
    }
    let allows = dice.below(3);
    let stated = public || optional || signed_in || does || group.needs;
    if dice.chance(2) || (!stated && allows == 0) {
        let _ = writeln!(
            text,
            " needs {}",
            dice.one(&["read:a", "[read:a, read:b]", "write:a", "any [read:b, write:a]"])
        );
    }
    for _ in 0..allows {
        let _ = writeln!(text, " allow {}", when(dice, scope));
    }
    for _ in 0..dice.below(3) {
        let _ = writeln!(text, " deny {} {}", when(dice, scope.loosening()), reason(dice));
    }
    if dice.chance(3) {
        let _ = writeln!(text, " require {} {}", required(dice, scope), reason(dice));
    }
    charges(dice, group, !public && !optional, body, text);
    returns(dice, objects, scope, text);
    text.push_str("}\n");
}

fn params(path: &str, key: &str, text: &mut String) {
    let mut fields = Vec::new();
    for (name, kind) in
        [("id", key), ("x", "string 1..3"), ("y", "int 0..20"), ("r", "string max 9")]
    {
        if path.contains(&format!("{{{name}}}")) || path.contains(&format!("{{{name}...}}")) {
            let kind = if kind == "string" { "string trim max 40" } else { kind };
            fields.push(format!("{name}: {kind}"));
        }
    }
    if !fields.is_empty() {
        let _ = writeln!(text, " params {{ {} }}", fields.join(" "));
    }
}

fn objects(dice: &mut Dice, has_id: bool, has_shelf: bool, text: &mut String) -> Objects {
    let mut objects = Objects::default();
    if has_shelf && dice.chance(2) {
        objects.loads_shelf = true;
        text.push_str(" loads shelf by params.x\n");
    }
    match dice.below(4) {
        0 if has_id => {
            objects.loads_item = true;
            text.push_str(" loads item by params.id\n");
        }
        1 => {
            objects.lists = true;
            let _ = writeln!(text, " lists item max {}", dice.one(&["5", "2", "cap"]));
        }
        2 => {
            objects.creates = true;
            text.push_str(" creates item\n");
        }
        _ => {}
    }
    objects
}

fn charges(dice: &mut Dice, group: Group, signed: bool, body: bool, text: &mut String) {
    let mut budgets = Vec::new();
    if dice.chance(2) && !group.budget {
        budgets.push("one");
    }
    if dice.chance(3) && signed {
        budgets.push("two");
    }
    if dice.chance(3) && body && signed {
        budgets.push("three");
    }
    if dice.chance(3) {
        budgets.push("four cost 2");
    }
    if !budgets.is_empty() {
        let _ = writeln!(text, " budget [{}]", budgets.join(" "));
    }
}

fn returns(dice: &mut Dice, objects: Objects, scope: Scope, text: &mut String) {
    let scope = scope.choosing();
    let early = Scope { item: false, shelf: objects.loads_shelf, predicates: false, ..scope };
    if objects.lists {
        match dice.below(5) {
            0 => {}
            1 => {
                let around = |view: &str| format!("{{ items: [item.{view}] next: int? }}");
                let _ = writeln!(text, " returns {} {}", around("large"), when(dice, scope));
                let _ = writeln!(text, " returns {}", around("small"));
            }
            2 => {
                let _ = writeln!(text, " returns [item.large] {}", when(dice, scope));
                text.push_str(" returns [item.small]\n");
            }
            3 => {
                let _ = writeln!(text, " returns nothing {}", when(dice, early));
                text.push_str(" returns { items: [item.small] next: int? as \"after\" }\n");
            }
            _ => text.push_str(" returns [item.small]\n"),
        }
        return;
    }
    let mut kinds: Vec<&str> = vec!["", "nothing", "opaque \"a test\""];
    if objects.loads_item || objects.creates {
        kinds.extend(["item.small", "item.large", "{ it: item.large more: [string] }"]);
    }
    if objects.loads_shelf {
        kinds.extend(["shelf.plain", "{ shelf: shelf.plain? as \"theShelf\" }"]);
    }
    let last = dice.one(&kinds);
    if last.is_empty() {
        return;
    }
    if dice.chance(2) {
        // An opaque answer stands beside none but its own kind.
        let is_opaque = |kind: &&str| kind.starts_with("opaque");
        kinds.retain(|kind| !kind.is_empty() && is_opaque(kind) == is_opaque(&last));
        let first = dice.one(&kinds);
        let _ = writeln!(text, " returns {first} {}", when(dice, scope));
    }
    let _ = writeln!(text, " returns {last}");
}
