//! `unowned_creation`: a route stores an object, and nobody says that it is the caller's.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Access;
use portcullis_syntax::{Diagnostic, Severity};

use crate::ownership::relates;
use crate::reach::Usual;
use crate::relation::owners;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unowned_creation",
    level: Severity::Warning,
    owasp: &[Owasp::ObjectAuthorization],
    finds: "A route creates an object of a resource that has an owner, and no clause says that the owner is the \
            caller.",
    why: "Elsewhere the policy decides by who the owner is. Here nothing keeps the handler from taking the owner \
          out of the request, so that an object is stored in another's name. Routes for staff, and owners that are \
          the object's own key, are not reported.",
    example: with_loans!(
        r#"
group /loans {
    accept [access]

    route GET /{id} {
        params   { id: uuid }
        needs    read:loans
        loads    loan by params.id
        allow    when own
        returns  loan.full
    }

    route POST / {
        needs    read:loans
        allow    when caller.id != "guest"
        creates  loan
        returns  loan.full
    }
}
"#
    ),
    mend: "Ask it of what is about to be stored, by the predicate that the other routes ask: `allow when …`.",
    mended: with_loans!(
        r#"
group /loans {
    accept [access]

    route GET /{id} {
        params   { id: uuid }
        needs    read:loans
        loads    loan by params.id
        allow    when own
        returns  loan.full
    }

    route POST / {
        needs    read:loans
        allow    when own and caller.id != "guest"
        creates  loan
        returns  loan.full
    }
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let usual = Usual::of(plan);
    let owners = owners(plan);
    let open = plan
        .routes
        .iter()
        .filter(|route| matches!(route.access, Access::Credential(_)) && route.retired.is_none());
    let found = open.filter_map(|route| {
        let creates = route.creates.as_ref()?;
        let resource = plan.resources.get(creates.resource)?;
        let owned = resource.attributes.iter().enumerate().find(|(slot, _)| {
            owners.contains(&(creates.resource, *slot)) && !resource.key.contains(slot)
        });
        let (_, owner) = owned?;
        if relates(plan, route) || usual.is_for_staff(plan, route, creates.resource) {
            return None;
        }
        let (resource, owner) = (&resource.name, &owner.name);
        let message = format!("nothing here says whose the new `{resource}` is");
        let help = format!("ask it of what is stored: `allow when {resource}.{owner} == caller.…`");
        Some(RULE.finding(creates.span, message).help(help))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn what_is_created_is_the_callers() {
        let found = |owner: &str, create: &str| {
            let policy = format!(
                "role user {{ write:orders }} role admin inherits user {{ write:all }}
                resource order {{ {owner} open: bool
                    predicate own {{ order.user == caller.id }} view v {{ open }} }}
                route GET /o {{ accept [access] needs write:orders
                    lists order max 5 allow when own returns [order.v] }}
                route POST /o {{ {create} creates order returns order.v }}"
            );
            count("unowned_creation", &policy)
        };
        let (owner, accept) = ("key id: uuid user: string", "accept [access] needs write:orders");
        assert_eq!(found(owner, accept), 1);
        assert_eq!(found(owner, &format!("{accept} allow when own")), 0);
        assert_eq!(found(owner, &format!("{accept} require when order.user == caller.id")), 0);
        assert_eq!(found(owner, "accept [access] needs write:all"), 0);
        assert_eq!(found(owner, "public"), 0);
        // A new user is not the one who calls.
        assert_eq!(found("key user: string", accept), 0);
        assert_eq!(found(owner, &format!("{accept} waive unowned_creation \"a test\"")), 0);
    }
}
