//! `hidden_sort_key`: a list is sorted or filtered by what no view of it shows.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{
    Constant, Content, Field, FieldType, Plan, Resource, Returned, Route, Type,
};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};
use crate::words::{is_personal, is_secret_name, plain, words};

pub(crate) const RULE: Rule = Rule {
    name: "hidden_sort_key",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization],
    finds: "A list may be sorted by an attribute that no view of the route shows; or filtered by one that none shows \
            and that is a secret or of a person.",
    why: "The order of the rows, or which of them are there, tells the values: a few requests that each halve what is \
          left find a salary, an address or a token. The guide's \"sort fields are a list\" is kept, and the list holds \
          too much.",
    example: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string
    price:  int

    view card { id title }
}

route GET /books {
    public
    query    { sort: string one of ["title", "price"] default "title" }
    lists    book max 100
    returns  [book.card]
}
"#,
    mend: "Take the key out of the list, or show the attribute.",
    mended: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string
    price:  int

    view card { id title }
}

route GET /books {
    public
    query    { sort: string one of ["title"] default "title" }
    lists    book max 100
    returns  [book.card]
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
        let Some((resource, shown)) = shown(plan, route) else { continue };
        let hidden = resource.attributes.iter().enumerate();
        let hidden = hidden.filter(|(slot, _)| !shown.contains(slot));
        let hidden = hidden.map(|(_, attribute)| (plain(&attribute.name), attribute));
        let hidden = hidden.collect::<Vec<_>>();
        if hidden.is_empty() {
            continue;
        }
        for field in route.query.iter().flat_map(|shape| &shape.fields) {
            let keys = keys(plan, field);
            for (name, attribute) in &hidden {
                let sorts = keys.contains(name);
                let told = attribute.secret
                    || is_personal(&attribute.name)
                    || is_secret_name(&attribute.name);
                let filters = told && plain(&field.name) == *name;
                if !sorts && !filters {
                    continue;
                }
                let what = if sorts { "sorts" } else { "filters" };
                let message = format!(
                    "`{}` {what} by `{}`, which no view here shows",
                    field.name, attribute.name
                );
                found.push(
                    RULE.finding(field.span, message)
                        .and(route.span, "on this route")
                        .help("take it out, or let a view of the route show it"),
                );
            }
        }
    }
    // An input that several routes take is one place.
    found.sort_by(|one: &Diagnostic, other| {
        (one.span(), &one.message).cmp(&(other.span(), &other.message))
    });
    found.dedup_by(|one, other| one.span() == other.span() && one.message == other.message);
    found
}

/// What a route lists, and the slots of what any of its views shows.
fn shown<'p>(plan: &'p Plan, route: &Route) -> Option<(&'p Resource, HashSet<usize>)> {
    let index = route.lists.as_ref()?.resource;
    let resource = plan.resources.get(index)?;
    let mut views = Vec::new();
    for returns in &route.returns {
        match &returns.returned {
            Returned::List(of) | Returned::View(of) => views.push(*of),
            Returned::Envelope(fields) => {
                views.extend(fields.iter().filter_map(|field| match field.content {
                    Content::View(of) | Content::List(of) => Some(of),
                    Content::Plain(_) => None,
                }))
            }
            Returned::Nothing | Returned::Opaque => {}
        }
    }
    views.retain(|of| of.resource == index);
    let views = views.iter().filter_map(|of| resource.views.get(of.view));
    let shown: HashSet<usize> =
        views.flat_map(|view| &view.fields).map(|field| field.attribute).collect();
    (!shown.is_empty()).then_some((resource, shown))
}

/// What a field may sort by.
fn keys(plan: &Plan, field: &Field) -> Vec<String> {
    let name = words(&field.name);
    let sorts =
        name.iter().any(|word| word == "sort") || name == ["order", "by"] || name == ["orderby"];
    if !sorts {
        return Vec::new();
    }
    let rule = match &field.rule.kind {
        FieldType::List(element) => element,
        _ => &field.rule,
    };
    let texts = rule.constraints.one_of.iter().filter_map(|value| match value {
        Constant::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let members = match &rule.kind {
        FieldType::Plain(Type::Enumeration(index)) => plan.enumerations.get(*index),
        _ => None,
    };
    let members = members.into_iter().flat_map(|found| &found.members);
    let all = texts.chain(members.map(|(_, wire)| wire.as_str()));
    all.map(|text| {
        // `-price`, `price:desc` and `price_desc` sort by `price`.
        let key = text.trim_start_matches(['-', '+']);
        let key = key.split([':', ',', ' ', '.']).next().unwrap_or(key);
        let key = key.strip_suffix("_asc").or(key.strip_suffix("_desc")).unwrap_or(key);
        plain(key)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn found(query: &str, returns: &str) -> usize {
        let policy = format!(
            "enum by {{ name salary }}
            resource user {{ key id: uuid name: string email: string salary: int created_at: time
                team: string view v {{ id name created_at as \"since\" }} view staff {{ ...v salary }} }}
            route GET /u {{ public query {{ {query} }} lists user max 5 {returns} }}"
        );
        count("hidden_sort_key", &policy)
    }

    #[test]
    fn a_list_is_sorted_by_what_it_shows() {
        let found = |query: &str| found(query, "returns [user.v]");
        assert_eq!(found("sort: string one of [\"name\", \"createdAt\"] default \"name\""), 0);
        assert_eq!(found("sort: string one of [\"name\", \"salary\"] default \"name\""), 1);
        assert_eq!(found("sort: string one of [\"-salary\", \"salary:asc\"]"), 1);
        assert_eq!(found("order_by: [by] max 3"), 1);
        assert_eq!(found("of: string one of [\"salary\"]"), 0);
        assert_eq!(found("sort: string one of [\"rank\"]"), 0);
    }

    #[test]
    fn and_not_filtered_by_what_is_of_a_person() {
        let found = |query: &str| found(query, "returns [user.v]");
        assert_eq!(found("email: string? max 99"), 1);
        assert_eq!(found("team: string? max 99"), 0);
        assert_eq!(found("name: string? max 99"), 0);
    }

    #[test]
    fn every_view_of_the_route_counts() {
        let sort = "sort: string one of [\"salary\"]";
        assert_eq!(found(sort, "returns [user.staff]"), 0);
        assert_eq!(found(sort, "returns { users: [user.staff] next: int? }"), 0);
        assert_eq!(found(sort, "returns { users: [user.v] next: int? }"), 1);
        assert_eq!(found(sort, "returns opaque \"a test\""), 0);
        assert_eq!(found(sort, "returns [user.v] waive hidden_sort_key \"a test\""), 0);
    }
}
