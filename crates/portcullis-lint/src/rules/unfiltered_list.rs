//! `unfiltered_list`: a route lists objects, and no clause says which of them the caller may see.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Access;
use portcullis_syntax::{Diagnostic, Severity};

use crate::ownership::{Tie, relates, tie};
use crate::reach::Usual;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unfiltered_list",
    level: Severity::Warning,
    owasp: &[Owasp::ObjectAuthorization],
    finds: "A route lists objects, and no clause relates the caller to a row.",
    why: "Whoever may call it sees the objects of all others, without even guessing an id. What is `public` is \
          open on purpose and not reported; nor is a list for staff: one that only some of those roles reach \
          which come to their own objects of the resource elsewhere.",
    example: with_loans!(
        r#"
group /loans {
    accept  [access]
    needs   read:loans

    route GET / {
        lists    loan max 100
        returns  [loan.full]
    }

    route GET /{id} {
        params   { id: uuid }
        loads    loan by params.id
        allow    when own
        returns  loan.full
    }
}
"#
    ),
    mend: "Add the clause that single objects have, `allow when …`, or a permission that only staff has; or a \
           waiver with the reason why every caller may see every row.",
    mended: with_loans!(
        r#"
group /loans {
    accept  [access]
    needs   read:loans

    route GET / {
        lists    loan max 100
        allow    when own
        returns  [loan.full]
    }

    route GET /{id} {
        params   { id: uuid }
        loads    loan by params.id
        allow    when own
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
    let open = plan
        .routes
        .iter()
        .filter(|route| matches!(route.access, Access::Credential(_)) && route.retired.is_none());
    let found = open.filter_map(|route| {
        let lists = route.lists.as_ref()?;
        if relates(plan, route) || usual.is_for_staff(plan, route, lists.resource) {
            return None;
        }
        let resource = plan.resources.get(lists.resource)?;
        let message = match tie(plan, route) {
            Tie::Apart => {
                format!("every caller of this sees every `{}` but their own", resource.name)
            }
            _ => format!("every caller of this sees every `{}`", resource.name),
        };
        let help = "say which: `allow when …`, with a predicate that relates the caller to a row";
        Some(RULE.finding(lists.span, message).help(help))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    fn on_orders(list: &str, more: &str) -> usize {
        let policy = format!(
            "role user {{ read:orders }} role admin inherits user {{ read:all }}
            resource order {{ key id: uuid user: string open: bool
                predicate own {{ order.user == caller.id }} view v {{ open }} }}
            {more}
            route GET /o {{ accept [access] lists order max 5 {list} returns [order.v] }}"
        );
        count("unfiltered_list", &policy)
    }

    const ONE: &str = "route GET /o/{id} { accept [access] params { id: uuid } needs read:orders
        loads order by params.id allow when own returns order.v }";

    #[test]
    fn rows_are_the_callers_own() {
        assert_eq!(on_orders("needs read:orders", ONE), 1);
        assert_eq!(on_orders("needs read:orders allow when order.open", ONE), 1);
        assert_eq!(on_orders("needs read:orders allow when own", ONE), 0);
        assert_eq!(on_orders("needs read:orders allow when own or caller is admin", ONE), 0);
        assert_eq!(on_orders("signed_in", ONE), 1);
        assert_eq!(on_orders("signed_in waive unfiltered_list \"a test\"", ONE), 0);
    }

    #[test]
    fn staff_sees_what_is_not_theirs() {
        assert_eq!(on_orders("needs read:all", ONE), 0);
        assert_eq!(on_orders("allow when caller is admin", ONE), 0);
        // Where nobody has objects of their own, a list is for fewer than there are roles.
        assert_eq!(on_orders("needs read:orders", ""), 1);
        assert_eq!(on_orders("needs read:all", ""), 0);
    }

    #[test]
    fn what_belongs_to_a_related_object_is_related() {
        let policy = "role user { read:orders }
            resource order { key id: uuid user: string
                predicate own { order.user == caller.id } view v { id } }
            resource line { key id: uuid order: uuid view v { id } }
            route GET /o/{id}/lines { accept [access] params { id: uuid } needs read:orders
                loads order by params.id lists line max 5 allow when own returns [line.v] }";
        assert_eq!(count("unfiltered_list", policy), 0);
    }
}
