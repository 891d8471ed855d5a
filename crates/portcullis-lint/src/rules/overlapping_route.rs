//! `overlapping_route`: two routes take the same path, and ask for different things.

use std::collections::HashMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{FieldType, Plan, Route, Segment, Type};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "overlapping_route",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization, Owasp::InventoryManagement],
    finds: "The path of a route is one that another route of the same method takes too, by a parameter or the rest of the \
            path, and the two let in different callers.",
    why: "The literal wins here. A router or a proxy that decides otherwise hands the request to the other handler; and what \
          differs by a letter's case or a slash is decided by the other route.",
    example: with_access!(
        r#"
role desk { read:figures }

route GET /books/figures {
    accept   [access]
    needs    read:figures
    returns  nothing
}

route GET /books/{slug} {
    public
    params   { slug: string slug }
    returns  nothing
}
"#
    ),
    mend: "Give the parameter a type or a form that does not take the literal, such as `uuid`; or another path to one of \
           them; or ask the same of both.",
    mended: with_access!(
        r#"
role desk { read:figures }

route GET /books/figures {
    accept   [access]
    needs    read:figures
    returns  nothing
}

route GET /books/{id} {
    public
    params   { id: uuid }
    returns  nothing
}
"#
    ),
    check: Some(check),
};

/// A method, and a path whose parameters have no names.
type Shape<'p> = (&'p str, bool, Vec<&'p str>);

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let open = || plan.routes.iter().filter(|route| route.retired.is_none());
    let by_shape: HashMap<Shape<'_>, &Route> = open().map(|route| (shape(route), route)).collect();
    let mut found = Vec::new();
    for route in open() {
        for wide in wider(route).iter().filter_map(|shape| by_shape.get(shape)) {
            if same_callers(route, wide) || !takes(plan, wide, route) {
                continue;
            }
            let message = format!(
                "`{} {}` takes this path too, and lets in others",
                wide.method, wide.pattern
            );
            found.push(
                RULE.finding(route.span, message)
                    .and(wide.span, "this one")
                    .help("give its parameter a type or form that does not take this path"),
            );
        }
    }
    found
}

const ONE: &str = "{}";
const REST: &str = "{...}";

fn part(segment: &Segment) -> &str {
    match segment {
        Segment::Literal(text) => text,
        // No literal of a pattern holds a brace.
        Segment::Parameter(_) => ONE,
        Segment::Rest(_) => REST,
    }
}

fn shape(route: &Route) -> Shape<'_> {
    (&route.method, route.trailing_slash, route.segments.iter().map(part).collect())
}

/// The shapes that take a route's path by a parameter in the place of one literal, or by the rest.
fn wider(route: &Route) -> Vec<Shape<'_>> {
    let (method, slash, parts) = shape(route);
    let mut found = Vec::new();
    for (place, segment) in route.segments.iter().enumerate() {
        if matches!(segment, Segment::Literal(_)) {
            let mut with = parts.clone();
            if let Some(part) = with.get_mut(place) {
                *part = ONE;
            }
            found.push((method, slash, with));
        }
        if *segment != Segment::Rest(String::new()) && parts.get(place) != Some(&REST) {
            let mut with = parts.get(..place).unwrap_or_default().to_vec();
            with.push(REST);
            found.push((method, false, with));
        }
    }
    found
}

fn same_callers(one: &Route, other: &Route) -> bool {
    let asks = |route: &Route| {
        let mut needs = route.needs.iter().map(|needed| needed.any.clone()).collect::<Vec<_>>();
        needs.sort();
        needs
    };
    one.access == other.access && asks(one) == asks(other)
}

/// Whether the parameters of a route take the literals that stand in another.
fn takes(plan: &Plan, wide: &Route, narrow: &Route) -> bool {
    wide.segments.iter().zip(&narrow.segments).enumerate().all(|(place, pair)| {
        let (Segment::Parameter(_), Segment::Literal(text)) = pair else { return true };
        let parameter = wide.params.iter().find(|parameter| parameter.segment == place);
        let Some(rule) = parameter.map(|parameter| &parameter.field.rule) else { return true };
        match &rule.kind {
            FieldType::Plain(Type::String) => {
                let constraints = &rule.constraints;
                let text = constraints.normal(text);
                let mut fits = constraints.one_of.is_empty()
                    || constraints
                        .one_of
                        .contains(&portcullis_compiler::plan::Constant::Text(text.to_string()));
                constraints.of_text(&text, &mut |_| fits = false);
                fits
            }
            FieldType::Plain(Type::Int) => text.parse::<i64>().is_ok(),
            FieldType::Plain(Type::Enumeration(index)) => {
                let members = plan.enumerations.get(*index).map(|found| &found.members);
                members.into_iter().flatten().any(|(_, wire)| wire == text)
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_path_is_one_routes() {
        let found = |wide: &str, params: &str, clauses: &str| {
            let policy = format!(
                "role user {{ read:a }} role admin inherits user {{ read:b }}
                route GET /o/export {{ accept [access] needs read:b returns nothing }}
                route GET {wide} {{ params {{ {params} }} {clauses} returns nothing }}"
            );
            count("overlapping_route", &policy)
        };
        let other = "accept [access] needs read:a";
        assert_eq!(found("/o/{id}", "id: string max 9", other), 1);
        assert_eq!(found("/o/{id}", "id: string max 5", other), 0);
        assert_eq!(found("/o/{id}", "id: string matching /^[0-9]{3}$/", other), 0);
        assert_eq!(found("/o/{id}", "id: uuid", other), 0);
        assert_eq!(found("/o/{id}", "id: int", other), 0);
        assert_eq!(found("/o/{id}", "id: string max 9", "accept [access] needs read:b"), 0);
        assert_eq!(found("/{a}/export", "a: string max 9", "public"), 1);
        assert_eq!(found("/o/{rest...}", "rest: string max 99", "public"), 1);
        assert_eq!(found("/{rest...}", "rest: string max 99", "public"), 1);
        assert_eq!(found("/p/{rest...}", "rest: string max 99", "public"), 0);
        assert_eq!(found("/o/{id}/x", "id: string max 9", other), 0);
        assert_eq!(found("/o/{id}", "id: string max 9", &format!("{other} retired")), 0);
    }
}
