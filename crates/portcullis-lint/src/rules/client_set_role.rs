//! `client_set_role`: a client sends what somebody may do.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Constant, Field, FieldType, Plan, Route, Rule as FieldRule, Type};
use portcullis_syntax::{Diagnostic, Severity};

use crate::reach::Reach;
use crate::rule::{Owasp, Rule};
use crate::sent::sent;
use crate::words::is_role;

pub(crate) const RULE: Rule = Rule {
    name: "client_set_role",
    level: Severity::Warning,
    owasp: &[Owasp::PropertyAuthorization, Owasp::FunctionAuthorization],
    finds: "A field of a body is called like a role or a right (`role`, `permissions`, `is_admin`), and a client may \
            set it to more than the client has: to any text, or to a role that grants what the callers of the route \
            lack.",
    why: "A client that signs up with `\"role\": \"admin\"`, or changes its own profile so, is the oldest mass \
          assignment there is. What `one of` or an enum lists is taken to be meant, as long as it leads no higher.",
    example: with_access!(
        r#"
role reader                  { write:profile }
role desk    inherits reader { read:profiles }

route PUT /profile {
    accept   [access]
    body     { name: string max 80  role: string max 20 }
    needs    write:profile
    returns  nothing
}

route GET /profiles {
    accept   [access]
    needs    read:profiles
    returns  nothing
}
"#
    ),
    mend: "Take the field out of the input; or list what may be set by `one of`, and say by whom: `settable when …`.",
    mended: with_access!(
        r#"
role reader                  { write:profile }
role desk    inherits reader { read:profiles }

route PUT /profile {
    accept   [access]
    body     { name: string max 80 }
    needs    write:profile
    returns  nothing
}

route GET /profiles {
    accept   [access]
    needs    read:profiles
    returns  nothing
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for route in plan.routes.iter().filter(|route| route.method != "GET") {
        for (_, field) in sent(route).into_iter().filter(|(_, field)| is_right(field)) {
            if let Some(what) = too_much(plan, route, field) {
                let message = format!("any client may set `{}` to {what}", field.name);
                let help = "take it out of the input, or say who may send it: `settable when …`";
                found.push(
                    RULE.finding(field.span, message).and(route.span, "on this route").help(help),
                );
            }
        }
    }
    found.sort_by_key(|finding: &Diagnostic| finding.span());
    found.dedup_by_key(|finding| finding.span());
    found
}

/// Whether a field is called like a right, by its author or outside.
fn is_right(field: &Field) -> bool {
    is_role(&field.name) || is_role(&field.wire)
}

/// What a field may be set to that its client does not have.
fn too_much(plan: &Plan, route: &Route, field: &Field) -> Option<String> {
    let reach = Reach::of(plan, route);
    let Some(listed) = listed(plan, &field.rule) else {
        // Who may be told from others by what they have: with one role for all, nobody is above anybody, and
        // the field says what no role does.
        let staff = (0..plan.roles.len())
            .any(|role| role != plan.anonymous && !reach.roles.contains(&role));
        let may_all = staff
            && !reach.anonymous
            && !reach.roleless
            && reach.roles.iter().all(|own| {
                (0..plan.roles.len()).all(|other| other == plan.anonymous || has(plan, *own, other))
            });
        return (!may_all).then(|| "what it likes".to_owned());
    };
    let roles = plan.roles.iter().enumerate();
    let roles =
        roles.filter(|(index, role)| *index != plan.anonymous && listed.contains(&role.wire));
    let listed = roles.map(|(index, _)| index).collect::<Vec<_>>();
    let higher = listed.iter().find(|role| {
        if reach.anonymous || reach.roleless {
            // Whoever signs up has nothing yet: the least of what is listed is meant for them.
            let above = |other: &usize| {
                plan.roles.get(**role).is_some_and(|role| role.includes.has(*other))
            };
            listed.iter().any(|other| other != *role && above(other))
        } else {
            reach.roles.iter().any(|own| !has(plan, *own, **role))
        }
    });
    let role = higher.and_then(|role| plan.roles.get(*role))?;
    Some(format!("`{}`", role.wire))
}

/// Whether one role grants all that another does.
fn has(plan: &Plan, own: usize, other: usize) -> bool {
    let (Some(own), Some(other)) = (plan.roles.get(own), plan.roles.get(other)) else {
        return false;
    };
    (0..plan.permissions.len())
        .all(|index| !other.permissions.has(index) || own.permissions.has(index))
}

/// The values that a field may have, where they are listed.
fn listed(plan: &Plan, rule: &FieldRule) -> Option<Vec<String>> {
    if let FieldType::List(element) = &rule.kind {
        return listed(plan, element);
    }
    if let FieldType::Plain(Type::Enumeration(index)) = &rule.kind
        && rule.constraints.one_of.is_empty()
    {
        let members = &plan.enumerations.get(*index)?.members;
        return Some(members.iter().map(|(_, wire)| wire.clone()).collect());
    }
    let texts = rule.constraints.one_of.iter().map(|value| match value {
        Constant::Text(text) => text.clone(),
        Constant::Member(member) => match &rule.kind {
            FieldType::Plain(Type::Enumeration(index)) => {
                let members = plan.enumerations.get(*index).map(|found| &found.members);
                let wire = members.and_then(|members| members.get(*member)).map(|(_, wire)| wire);
                wire.cloned().unwrap_or_default()
            }
            _ => String::new(),
        },
        _ => String::new(),
    });
    let texts = texts.collect::<Vec<_>>();
    (!texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn found(field: &str, clauses: &str) -> usize {
        let policy = format!(
            "role user {{ write:own }} role manager inherits user {{ read:users }}
            role admin inherits manager {{ write:users }}
            enum rank {{ user admin }} enum colour {{ red blue }}
            input person {{ name: string max 9 {field} }}
            route GET /users {{ accept [access] needs read:users returns nothing }}
            route POST /users {{ {clauses} body person returns nothing }}
            route PATCH /me {{ accept [access] needs write:own returns nothing }}"
        );
        count("client_set_role", &policy)
    }

    #[test]
    fn no_client_gives_itself_rights() {
        let own = "accept [access] needs write:own";
        for field in [
            "role: string max 9",
            "is_admin: bool",
            "permissions: [string max 9] max 5",
            "role: string one of [\"user\", \"admin\"]",
            "role: rank",
        ] {
            assert_eq!(found(field, own), 1, "{field}");
            assert_eq!(found(field, "public"), 1, "{field}");
        }
        assert_eq!(found("role: string one of [\"user\"]", own), 0);
        assert_eq!(found("role: string? max 9 settable when caller is admin", own), 0);
        assert_eq!(found("nickname: string max 9", own), 0);
        assert_eq!(found("role: colour", own), 0);
        assert_eq!(found("role: string max 9 waive client_set_role \"a test\"", own), 0);
    }

    #[test]
    fn who_has_all_may_give_all() {
        let staff = "accept [access] needs write:users";
        assert_eq!(found("role: string max 9", staff), 0);
        assert_eq!(found("role: string one of [\"user\", \"manager\"]", staff), 0);
        assert_eq!(found("role: string max 9", "accept [access] needs read:users"), 1);
    }

    #[test]
    fn where_all_have_one_role_the_field_says_more() {
        let found = |field: &str| {
            let policy = format!(
                "role user {{ write:own }}
                input person {{ name: string max 9 {field} }}
                route PATCH /me {{ accept [access] needs write:own body person returns nothing }}"
            );
            count("client_set_role", &policy)
        };
        for field in [
            "is_admin: bool?",
            "flag: bool as \"isAdmin\"",
            "permissions: [string max 9] max 5",
            "role: string max 9",
            "is_staff: bool",
        ] {
            assert_eq!(found(field), 1, "{field}");
        }
        assert_eq!(found("role: string one of [\"user\"]"), 0);
        assert_eq!(found("is_open: bool?"), 0);
    }

    #[test]
    fn a_flag_that_may_be_left_out_is_one() {
        let own = "accept [access] needs write:own";
        assert_eq!(found("is_admin: bool?", own), 1);
        assert_eq!(found("is_admin: bool? settable when caller is admin", own), 0);
        assert_eq!(found("is_admin: bool?", "accept [access] needs write:users"), 0);
    }

    #[test]
    fn who_signs_up_takes_the_least_role() {
        assert_eq!(found("role: string one of [\"user\", \"editor\"]", "public"), 0);
        assert_eq!(found("role: string one of [\"user\", \"manager\"]", "public"), 1);
    }
}
